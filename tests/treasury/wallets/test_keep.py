"""Wallets are added by right, never with a key that spends; custodians are known by their statements."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction

from cango_ops.base.models import AuditEvent
from sites.models import Role
from tests.treasury.chain.test_chain import PHRASE, UPUB, XPRV, YPUB, ZPUB
from tests.treasury.web.worlds import member
from treasury.books.post import post
from treasury.ledger.facts import Acquired, Origin
from treasury.models import CustodianStatement, ReconciliationBreak, Wallet
from treasury.wallets import keep, standing
from treasury.wallets.keep import Refused

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 8, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def ted():
    return member("Ted", Role.TREASURER)


def test_a_wallet_is_kept_by_its_public_descriptor(ted):
    wallet = keep.watch(ted, " cold  1 ", ZPUB)

    assert (wallet.name, wallet.network, wallet.gap_limit) == ("cold 1", "main", 20)
    assert wallet.descriptor.startswith("wpkh(xpub")
    assert keep.watch(ted, "test", UPUB).network == "test"


@pytest.mark.parametrize("secret", [XPRV, f"wpkh({XPRV}/0/*)", PHRASE])
def test_a_key_is_refused_and_left_nowhere(ted, secret, caplog):
    for name, descriptor in (("cold", secret), (secret, ZPUB)):
        with pytest.raises(Refused, match="private key") as caught:
            keep.watch(ted, name, descriptor)
        assert secret[5:30] not in str(caught.value)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM treasury_wallet")
        assert cursor.fetchone() == (0,)
        cursor.execute(
            "SELECT count(*) FROM base_auditevent WHERE detail::text || target LIKE %s", [f"%{secret[5:30]}%"]
        )
        assert cursor.fetchone() == (0,)
    assert secret[5:30] not in caplog.text


def test_the_record_tells_of_the_wallet_and_not_its_addresses(ted):
    keep.watch(ted, "cold", ZPUB)

    event = AuditEvent.objects.get(verb="wallet added")
    assert event.target == "wallet/cold"
    assert len(event.detail["mark"]) == 12
    assert "xpub" not in str(event.detail)


def test_a_wallet_is_kept_once(ted):
    keep.watch(ted, "cold", ZPUB)

    for name, descriptor in (("cold", YPUB), ("warm", ZPUB)):
        with pytest.raises(Refused, match="kept already"):
            keep.watch(ted, name, descriptor)


@pytest.mark.parametrize("role", [Role.INVESTOR_RELATIONS, Role.VIEWER, Role.MANAGER])
def test_who_does_not_keep_the_treasury_adds_none(role):
    user = member("Vic", role)

    for act in (
        lambda: keep.watch(user, "a", ZPUB),
        lambda: keep.at_custodian(user, "a"),
        lambda: keep.retire(user, "a"),
    ):
        with pytest.raises(Refused, match="treasurers"):
            act()


@pytest.mark.parametrize("name", ["", "a:b", "x" * 101, "a\x00b"])
def test_a_name_that_the_books_do_not_take_is_refused(ted, name):
    with pytest.raises(Refused):
        keep.watch(ted, name, ZPUB)


def test_a_retired_wallet_stays_on_record_and_out_of_the_list(ted):
    keep.watch(ted, "cold", ZPUB)
    keep.retire(ted, "cold")

    assert (Wallet.objects.count(), standing.standings(NOON)) == (1, [])
    with pytest.raises(Refused):
        keep.retire(ted, "cold")


def test_the_database_wants_a_descriptor_for_what_is_watched():
    with pytest.raises(DatabaseError), transaction.atomic():
        Wallet.objects.create(name="x", kind="watched", added_by="t")


STATEMENT = b"wallet,at,sat\nvault,2026-03-01T00:00:00Z,500\nvault,2026-03-08T00:00:00+01:00,700\n"


def test_a_custodians_statement_is_held_against_the_books(ted):
    keep.at_custodian(ted, "vault")
    at = datetime(2026, 3, 2, tzinfo=UTC)
    post([Acquired(at, 0, "m", Origin.MINED, "vault", "m", 690, Decimal("1.00"))], "test")

    assert keep.statement(ted, STATEMENT) == (2, 2)
    assert keep.statement(ted, STATEMENT) == (2, 0)
    assert standing.reconcile(NOON) == 1

    row = ReconciliationBreak.objects.get()
    assert (row.kind, row.subject, row.off_sat) == ("wallet_ledger", "vault", 10)
    assert row.words == "vault: 700 sat are there, 690 sat in the books"
    assert standing.said_at(Wallet.objects.get(), at).sat == 500


def test_a_statement_grows_stale(ted):
    keep.at_custodian(ted, "vault")
    assert standing.standings(NOON)[0].state == "unknown"
    keep.statement(ted, STATEMENT)

    assert standing.standings(NOON)[0].state == "ok"
    assert standing.standings(NOON + timedelta(days=36))[0].state == "stale"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"wallet,at\n", "no column sat"),
        (b"wallet,at,sat\nother,2026-03-01T00:00:00Z,5\n", "line 2: no wallet"),
        (b"wallet,at,sat\nvault,2026-03-01T00:00:00,5\n", "line 2: at names no offset"),
        (b"wallet,at,sat\nvault,2027-03-01T00:00:00Z,5\n", "lies ahead"),
        (b"wallet,at,sat\nvault,2026-03-01T00:00:00Z,-5\n", "line 2: sat is no whole number"),
        (b"wallet,at,sat\nvault,2026-03-01T00:00:00Z,501\n", "line 2: vault is kept with 500 sat"),
        (b"\xff\xfe", "in UTF-16"),
        (b"wallet,at,sat\nvault,x,1\nvault,2026-03-02T00:00:00Z,y\n", "line 2: at is no instant .*; line 3: sat is no"),
        (b"wallet,at,sat\n" + 2 * b"vault,2026-03-02T00:00:00Z,1\n", "line 3: vault at this instant stands in line 2"),
    ],
)
def test_a_bad_statement_is_refused_whole(ted, body, words):
    keep.at_custodian(ted, "vault")
    keep.statement(ted, STATEMENT)

    with pytest.raises(Refused, match=words):
        keep.statement(ted, body)

    assert CustodianStatement.objects.count() == 2
