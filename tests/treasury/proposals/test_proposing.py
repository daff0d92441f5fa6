"""What a proposal would change, what does not fit, and how many must approve it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from cango_ops.base import clock
from tests.treasury.proposals.worlds import BTC, ask, known, line, say_yes
from treasury.closing.close import Refused
from treasury.equity.imports import row_of
from treasury.equity.tell import tell
from treasury.models import PriceMark, Proposal, TreasuryPolicy
from treasury.proposals.approve import withdraw
from treasury.proposals.policy import standing

pytestmark = pytest.mark.django_db

D = Decimal


def test_a_sale_shows_its_effect_before_anybody_approves(cast):
    proposal = ask(cast["ted"])

    # 600,000 and twenty nights at 7.2 % over 360: 602,400.00, on 20 BTC.
    assert line(proposal, "free_sat") == (80 * BTC, 79 * BTC)
    assert line(proposal, "cash_usd") == ("600000.00", "650000.00")
    assert line(proposal, "ltv_pct") == ("60.24", "60.24")
    assert line(proposal, "nav_usd") == ("4997600.00", "4997600.00")
    assert (proposal.value_usd, proposal.state, proposal.made_as) == (D("50000.00"), "proposed", "treasurer")


def test_a_sale_counts_at_its_lowest_price(cast):
    proposal = ask(cast["ted"], wallet="hot", sat=BTC, limit_usd="45000")

    assert line(proposal, "cash_usd") == ("600000.00", "645000.00")
    assert line(proposal, "nav_usd") == ("4997600.00", "4992600.00")
    assert proposal.value_usd == D("50000.00")


def test_a_top_up_shows_the_loan_before_and_after(cast):
    known(cast)
    proposal = ask(cast["ted"], "top_up", loan="A", wallet="hot", sat=10 * BTC, beneficiary="Antalpha")

    # 602,400 / 0.8 over 20 and over 30 BTC.
    assert line(proposal, "call_price_usd") == ("37650.00", "25100.00")
    assert line(proposal, "loan_ltv_pct") == ("60.2400", "40.1600")
    assert line(proposal, "nearest_pct") == ("24.70", "49.80")


def test_a_repayment_lowers_debt_and_cash(cast):
    proposal = ask(cast["ted"], "repay", loan="A", usd="102400.00")

    assert line(proposal, "debt_usd") == ("602400.00", "500000.00")
    assert line(proposal, "cash_usd") == ("600000.00", "497600.00")
    assert proposal.value_usd == D("102400.00")


def test_runway_needs_a_cost_and_says_so(cast):
    proposal = ask(cast["ted"])

    told = next(one for one in proposal.effect if one["code"] == "runway_months")
    assert (told["before"], told["why"]) == (None, "no hashrate was measured in the last days")


def test_nav_a_share_counts_the_shares_that_are_written_down(cast):
    today = f"{clock.now():%Y-%m-%d}"
    assert next(one for one in ask(cast["ted"]).effect if one["code"] == "nav_per_share_usd")["why"] == (
        "no shares are written down"
    )
    tell(
        [
            row_of(
                {"source": "s", "record": "shares", "on": today, "class": "A", "kind": "opening", "shares": "100000"}
            ),
            row_of({"source": "d", "record": "balance", "on": today, "item": "debt", "amount_usd": "1000000"}),
        ],
        "test",
    )

    # 100 BTC at 50,000 and 600,000 of cash, less 602,400 and 1,000,000; one bitcoin at 45,000 costs 5,000.
    proposal = ask(cast["ted"], wallet="hot", sat=BTC, limit_usd="45000")
    assert line(proposal, "nav_per_share_usd") == ("39.9760", "39.9260")


def test_the_same_key_is_one_proposal(cast):
    first = ask(cast["ted"])

    assert ask(cast["ted"], key=first.key).pk == first.pk
    with pytest.raises(Refused, match="belongs to another proposal"):
        ask(cast["ted"], key=first.key, wallet="hot", sat=5)
    with pytest.raises(Refused, match="belongs to another proposal"):
        ask(cast["tia"], key=first.key)


@pytest.mark.parametrize(
    ("kind", "raw", "why"),
    [
        ("sale", {"wallet": "hot", "sat": 81 * BTC}, "hot holds 80.00 BTC"),
        ("sale", {"wallet": "cold", "sat": 1}, "cold holds 0.00 BTC"),
        ("sale", {"wallet": "hot", "sat": -1}, "bitcoin is no amount"),
        ("sale", {"wallet": "hot", "sat": "1.5"}, "bitcoin is no whole number"),
        ("sale", {"wallet": "hot"}, "bitcoin is missing"),
        ("sale", {"wallet": "hot", "sat": 1, "loan": "A"}, "loan is no part of this"),
        ("sale", {"wallet": "hot", "sat": 1, "limit_usd": "NaN"}, "lowest price is below nothing"),
        ("gift", {"wallet": "hot", "sat": 1}, "nothing of the kind 'gift'"),
        ("repay", {"loan": "B", "usd": "1"}, "there is no loan B"),
        ("repay", {"loan": "A", "usd": "700000"}, "A owes \\$602,400.00"),
        ("repay", {"loan": "A", "usd": "0.001"}, "dollars has more than two decimals"),
        ("release", {"loan": "A", "wallet": "hot", "sat": 21 * BTC}, "A has 20.00 BTC pledged"),
        ("release", {"loan": "A", "wallet": "hot", "sat": 6 * BTC}, "A would be called after it"),
        ("pledge", {"loan": "A", "wallet": "hot", "sat": 1, "beneficiary": "Nobody"}, "no verified entry"),
        ("cost_method", {"method": "lifo", "since": "2030-01-01"}, "method is not one of fifo"),
        ("address", {"name": "X", "address": "bc1qnope", "purpose": "own"}, "address cannot be used: this is no"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_words(cast, kind, raw, why):
    with pytest.raises(Refused, match=why):
        ask(cast["ted"], kind, **raw)
    assert not Proposal.objects.exists()


def test_coins_of_open_proposals_are_spoken_for(cast):
    ask(cast["ted"], wallet="hot", sat=50 * BTC)

    with pytest.raises(Refused, match=r"50\.00 of it in open proposals"):
        ask(cast["ted"], wallet="hot", sat=31 * BTC)


def test_without_a_fresh_price_nothing_is_held_against_the_caps(cast):
    connection.cursor().execute("ALTER TABLE treasury_pricemark DISABLE TRIGGER ALL; TRUNCATE treasury_pricemark")

    with pytest.raises(Refused, match="there is no fresh price"):
        ask(cast["ted"])
    assert ask(cast["ted"], "repay", loan="A", usd="1000").state == "proposed"


def test_more_than_the_cap_each_is_refused_and_more_than_the_days(cast):
    for source in ("coinbase", "kraken"):
        PriceMark.objects.create(source=source, at=clock.now(), price_usd=D(124_000))

    with pytest.raises(Refused, match=r"\$5,084,000\.00 is above the cap of \$5,000,000\.00"):
        ask(cast["ted"], wallet="hot", sat=41 * BTC)
    for _ in range(2):
        withdraw(ask(cast["ted"], wallet="hot", sat=40 * BTC), cast["ted"], "only to see the caps")
    ask(cast["ted"], wallet="hot", sat=40 * BTC)
    ask(cast["tia"], wallet="hot", sat=40 * BTC)
    with pytest.raises(Refused, match=r"with today's \$10,020,000\.00"):
        ask(cast["ted"], "repay", loan="A", usd="100000")
    assert ask(cast["ann"], "repay", loan="A", usd="100000").made_as == "admin"


def test_above_the_limit_or_against_the_policy_it_takes_two(cast):
    assert (ask(cast["ted"], "repay", loan="A", usd="100").approvals_needed) == 1
    sale = ask(cast["ted"])
    assert (sale.approvals_needed, sale.ruling) == (2, "two others: the policy is to hold")


def test_the_newest_policy_holds_and_takes_two_others(cast):
    proposal = ask(
        cast["ted"], "policy", stance="sell_to_fund", least_free_sat=80 * BTC, most_ltv_pct="65", cooling_off_h="1",
        valid_h="12", treasurer_each_usd="60000", treasurer_day_usd="70000",
        treasurer_two_above_usd="10", admin_each_usd="1", admin_day_usd="1", admin_two_above_usd="1",
    )  # fmt: skip
    say_yes(proposal, cast["tia"])
    assert TreasuryPolicy.objects.count() == 0
    say_yes(proposal, cast["ann"])

    assert standing().caps["treasurer"].each_usd == D(60_000)
    sale = ask(cast["ted"])
    assert sale.ruling == "two others: it is worth more than $10.00; fewer bitcoin would be free than the policy keeps"
    assert sale.not_after - sale.proposed_at == timedelta(hours=12)
    with pytest.raises(Refused, match=r"above the cap of \$1\.00"):
        ask(cast["ann"])
