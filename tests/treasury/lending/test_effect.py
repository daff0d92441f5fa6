from decimal import Decimal

import pytest

from treasury.lending.effect import Act, Deed, NotPossible, after
from treasury.lending.falls import covered, furthest, no_call, no_sale
from treasury.lending.stress import Owed, Position
from treasury.lending.terms import DayCount, Interest, Terms, Trigger

D = Decimal
BTC = 100_000_000


def terms(trigger=Trigger.GT):
    return Terms(D("0.07"), DayCount.ACT_360, Interest.PAID, D("0.70"), D("0.80"), D("0.90"), trigger)


def position(free=2 * BTC, debt="56000.00", trigger=Trigger.GT):
    # A bitcoin at 100,000; the call comes at 70,000, the sale at 62,222.22.
    return Position(D(100_000), free, D(10_000), D(0), [Owed("A", terms(trigger), D(debt), BTC)])


def test_how_far_the_price_may_fall():
    # At 70,000 itself the LTV is 80 %, which "gt" does not call.
    assert furthest(position(), no_call) == D(30)
    assert furthest(position(trigger=Trigger.GTE), no_call) == D("29.99")
    assert furthest(position(), no_sale) == D("37.77")


def test_free_coins_meet_calls_down_to_where_they_are_all_wanted():
    # 3 BTC at 0.7 x price carry 56,000 down to 26,666.67, a fall of 73.33 %.
    assert furthest(position(), covered) == D("73.33")
    assert furthest(position(free=0), covered) == D(30)


def test_what_has_happened_already_and_what_never_happens():
    assert furthest(position(debt="81000.00"), no_call) is None
    assert furthest(position(debt="0.00"), no_call) == D(100)


def test_a_sale_turns_free_coins_into_cash():
    found = after(position(), Act(Deed.SELL, sat=BTC // 2, fee_usd=D("25.00")))

    assert (found.unpledged_sat, found.cash_usd) == (150_000_000, D("59975.00"))


def test_a_pledge_and_its_release_undo_each_other():
    pledged = after(position(), Act(Deed.PLEDGE, "A", sat=BTC))

    assert (pledged.unpledged_sat, pledged.loans[0].collateral_sat) == (BTC, 2 * BTC)
    assert furthest(pledged, no_call) == D(65)
    assert after(pledged, Act(Deed.RELEASE, "A", sat=BTC)) == position()


def test_a_repayment_takes_cash_and_debt():
    found = after(position(), Act(Deed.REPAY, "A", usd=D("10000.00")))

    assert (found.cash_usd, found.loans[0].debt_usd) == (D("0.00"), D("46000.00"))


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (Act(Deed.SELL, sat=2 * BTC + 1), "sell: 1 sat short"),
        (Act(Deed.PLEDGE, "A", sat=2 * BTC + 5), "pledge: 5 sat short"),
        (Act(Deed.RELEASE, "A", sat=BTC + 7), "release: 7 sat short"),
        (Act(Deed.PLEDGE, "B", sat=1), "there is no loan 'B'"),
        (Act(Deed.REPAY, "A", usd=D("10000.01")), "repay: 0.01 dollars of cash short"),
    ],
)
def test_what_cannot_be_done_says_what_is_short(act, why):
    with pytest.raises(NotPossible, match=why):
        after(position(), act)


def test_no_more_is_repaid_than_is_owed():
    with pytest.raises(NotPossible, match="A owes only 500"):
        after(position(debt="500.00"), Act(Deed.REPAY, "A", usd=D("500.01")))
