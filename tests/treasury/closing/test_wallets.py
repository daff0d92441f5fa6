"""Wallets at the end of a month: what the chain or a custodian said in its last day, against the books."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.treasury.closing.worlds import OCTOBER, mined_on
from treasury.books.post import post
from treasury.closing.checklist import checklist
from treasury.closing.wallets import held
from treasury.earnings.span import Month
from treasury.models import CustodianStatement, ReconciliationBreak, Wallet, WalletReading

pytestmark = pytest.mark.django_db

END = datetime(2025, 11, 1, tzinfo=UTC)
SPAN = Month(OCTOBER)


@pytest.fixture
def booked():
    """Three payouts of 100 satoshis into the wallet "cold"."""
    post([mined_on(day) for day in (1, 2, 31)], "test")


def wallet(name="cold", kind=Wallet.Kind.WATCHED):
    descriptor = "wpkh(x)" if kind == Wallet.Kind.WATCHED else ""
    return Wallet.objects.create(name=name, kind=kind, descriptor=descriptor, added_by="ted")


def read(row, sat, at=END - timedelta(minutes=10), **more):
    return WalletReading.objects.create(
        wallet=row, source="node", observed_at=at, height=921_500, block_hash="0" * 64, confirmed_sat=sat,
        immature_sat=0, pending_sat=0, outputs=1, **more,
    )  # fmt: skip


def line():
    return next(one for one in checklist(OCTOBER, END + timedelta(days=3)) if one.code == "chain")


def test_a_wallet_that_the_chain_says_the_same_of_is_proved(booked):
    read(wallet(), 300)

    assert line().is_ok
    assert line().proof == "1 of 1 wallets agree with the chain at height 921,500 or their custodian"


def test_a_wallet_of_which_nothing_was_said_in_the_last_day_is_open(booked):
    read(wallet(), 300, at=END - timedelta(days=2))

    assert not line().is_ok
    assert line().proof.endswith("nothing was said of cold")


def test_one_satoshi_off_is_off(booked):
    read(wallet(), 299)

    assert held(SPAN).off == ("cold",)
    assert not line().is_ok


def test_a_reading_is_held_against_the_books_of_its_own_moment(booked):
    read(wallet(), 200, at=datetime(2025, 10, 31, 6, tzinfo=UTC))

    assert line().is_ok


def test_a_block_that_left_the_chain_says_nothing(booked):
    read(wallet(), 300, orphaned_at=END)

    assert held(SPAN).agree == ()


def test_a_custodian_may_say_it_and_an_open_break_holds_the_line(booked):
    row = wallet(kind=Wallet.Kind.CUSTODIAN)
    CustodianStatement.objects.create(wallet=row, at=END, sat=300, evidence="sha", recorded_by="ted")
    assert line().is_ok

    ReconciliationBreak.objects.create(
        kind="wallet_ledger", subject="cold", off_sat=5, words="off", owner="treasury",
        first_seen_at=END - timedelta(days=1), seen_at=END,
    )  # fmt: skip
    assert line().proof.endswith("1 breaks are open")
    assert not line().is_ok


def test_no_wallet_with_coins_needs_no_word():
    assert line().is_ok
