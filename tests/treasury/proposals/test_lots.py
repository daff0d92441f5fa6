"""The lots that a proposal takes: named, shown before, kept after; and lots that come to belong to wallets."""

from datetime import timedelta

import pytest

from cango_ops.base import clock
from tests.treasury.proposals.worlds import BTC, D, ask, booked, known, say_yes
from tests.web.callers import by_key, by_session, key_of
from treasury.books import check, methods, queries
from treasury.closing.close import Refused
from treasury.ledger.lots import Method
from treasury.models import LotMove, OpenLot
from treasury.proposals.lots import would_take
from treasury.proposals.terms import of_proposal

pytestmark = pytest.mark.django_db

HOME = "/treasury/proposals/"


def chosen_one_by_one():
    methods.change(clock.now() - timedelta(days=1), Method.SPECIFIC, "test")


def takes(row):
    return [(one.lot, one.sat, one.basis_usd) for one in would_take(of_proposal(row), clock.now())]


def test_a_sale_shows_the_oldest_lots_and_then_those_that_it_took(cast):
    row = ask(cast["ted"], wallet="hot", sat=11 * BTC)
    assert takes(row) == [("m0", 10 * BTC, D("400000.00")), ("m1", BTC, D("40000.00"))]
    ted = by_session(cast["ted"])
    said = ted.get(f"{HOME}{row.pk}/").content.decode()
    assert "Lots it would take now" in said
    assert '<th scope="row">m0</th>' in said
    seen = ted.get(f"{HOME}new/", {"kind": "sale", "wallet": "hot", "sat": "1"}).content.decode()
    assert "Lots it would take now" in seen

    booked(say_yes(row, cast["tia"], cast["ann"]), cast["ted"])

    assert "Lots it took" in ted.get(f"{HOME}{row.pk}/").content.decode()
    answer = by_key(key_of(cast["ted"])).get(f"/api/v1/treasury/proposals/{row.pk}/").json()
    assert [(one["lot"], one["sat"], one["basis_usd"]) for one in answer["lots"]] == [
        ("m0", 10 * BTC, "400000.00"), ("m1", BTC, "40000.00"),
    ]  # fmt: skip


def test_a_sale_takes_the_lots_that_it_names_and_no_others(cast):
    with pytest.raises(Refused, match="lots are chosen only under specific identification"):
        ask(cast["ted"], wallet="hot", sat=BTC, lots="m7")
    chosen_one_by_one()

    with pytest.raises(Refused, match=r"the lots m7 do not hold 11\.00 BTC in hot"):
        ask(cast["ted"], wallet="hot", sat=11 * BTC, lots="m7")
    with pytest.raises(Refused, match="each once"):
        ask(cast["ted"], wallet="hot", sat=BTC, lots="m7; m7")
    row = ask(cast["ted"], wallet="hot", sat=11 * BTC, lots="m7;m2")
    assert takes(row) == [("m7", 10 * BTC, D("400000.00")), ("m2", BTC, D("40000.00"))]
    booked(say_yes(row, cast["tia"], cast["ann"]), cast["ted"])

    assert [one.lot for one in queries.gain_of(f"proposal/{row.pk}")] == ["m7", "m2"]


def test_a_repayment_in_coins_and_a_liquidation_show_the_lots_of_the_collateral(cast):
    repaid = ask(cast["ted"], "repay_in_coins", loan="A", sat=BTC)
    sold = ask(cast["ted"], "liquidation", loan="A", sat=2 * BTC, price_usd="30000", on=f"{clock.now():%Y-%m-%d}",
               reason="letter of the lender")  # fmt: skip

    assert (takes(repaid), takes(sold)) == ([("m0", BTC, D("40000.00"))], [("m0", 2 * BTC, D("80000.00"))])


def test_lots_come_to_belong_to_wallets_by_a_proposal_and_pledges_then_show_what_they_carry(cast):
    pledge = {"loan": "A", "wallet": "hot", "sat": 5 * BTC, "beneficiary": known(cast).name}
    since = (clock.now() - timedelta(days=2)).isoformat()
    row = say_yes(ask(cast["ted"], "lot_scope", since=since), cast["tia"])
    assert takes(ask(cast["ted"], "top_up", **pledge)) == []

    booked(row, cast["ted"])

    # 20 BTC lie with the lender: it was given m0 and m1, and the hot wallet the rest.
    assert {one.code for one in OpenLot.objects.filter(held_at="Assets:Bitcoin:Loan:A")} == {"m0", "m1"}
    later = ask(cast["ted"], "top_up", **pledge)
    assert takes(later) == [("m2", 5 * BTC, D("200000.00"))]
    booked(say_yes(later, cast["tia"]), cast["ted"], price_usd=None)
    assert LotMove.objects.get(entry__source_id=f"proposal/{later.pk}").lot.code == "m2"
    assert list(check.faults()) == []
