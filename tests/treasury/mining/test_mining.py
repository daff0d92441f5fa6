from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from treasury.mining.cost import Items, NoSuchItem, Production, cost
from treasury.mining.expected import Network, NotCovered, expected
from treasury.mining.restated import Payout, months_of
from treasury.mining.series import Interval, Step, Steps, month_bounds, seconds
from treasury.mining.uptime import Fleet, uptime

D, F = Decimal, Fraction
# At this difficulty an EH/s finds a block in exactly a thousand seconds.
DIFFICULTY = F(10**21, 2**32)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def steps(*pairs):
    return Steps([Step(at(start), F(value)) for start, value in pairs])


NETWORK = Network(
    difficulty=steps(("2024-04-01", DIFFICULTY)),
    subsidy_btc=steps(("2020-05-11", "6.25"), ("2024-04-20T00:00", "3.125")),
    fee_btc=steps(),
)


def test_the_subsidy_halves_in_the_middle_of_a_span():
    found = expected(at("2024-04-19"), at("2024-04-21"), steps(("2024-01-01", 1)), NETWORK)

    assert [segment.btc for segment in found.segments] == [F("86.4") * F("6.25"), F("86.4") * F("3.125")]
    assert found.sat == 81_000_000_000


def test_leased_hashrate_mines_nothing_for_us():
    own = expected(at("2024-05-01"), at("2024-05-02"), steps(("2024-01-01", 37)), NETWORK,
                   leased_ehs=steps(("2024-05-01T12:00", 9)))  # fmt: skip

    assert own.sat == int(F("43.2") * (37 + 28) * F("3.125") * 10**8)


def test_the_pool_keeps_its_fee():
    whole = expected(at("2024-05-01"), at("2024-05-02"), steps(("2024-01-01", 1)), NETWORK)
    after = expected(at("2024-05-01"), at("2024-05-02"), steps(("2024-01-01", 1)), NETWORK, D("0.01"))

    assert (whole.sat, after.sat) == (27_000_000_000, 26_730_000_000)


def test_a_difficulty_that_is_not_known_is_no_zero():
    with pytest.raises(NotCovered, match="the difficulty at 2024-03-01"):
        expected(at("2024-03-01"), at("2024-05-02"), steps(("2024-01-01", 1)), NETWORK)


@pytest.mark.parametrize(("month", "hours"), [(3, 743), (11, 721), (2, 672)])
def test_a_month_in_chicago_loses_and_gains_an_hour(month, hours):
    start_at, end_at = month_bounds(date(2026, month, 9), ZoneInfo("America/Chicago"))

    assert seconds(end_at - start_at) == hours * 3600


def test_uptime_is_over_the_real_seconds_of_a_local_month():
    zone = ZoneInfo("America/Chicago")
    start_at, end_at = month_bounds(date(2026, 3, 1), zone)
    half = start_at + (end_at - start_at) / 2
    fleet = Fleet(
        deployed_ehs=[Interval(at("2020-01-01"), at("2030-01-01"), F(10))],
        operating_ehs=[Interval(start_at, half, F(8)), Interval(half, at("2027-01-01"), F(6))],
        curtailed_ehs=[Interval(start_at, half, F(4))],
    )

    found = uptime(fleet, date(2026, 3, 1), zone)

    assert found.month_seconds == 743 * 3600
    assert (found.efficiency_pct, found.availability_pct) == (D("70.0000"), D("87.5000"))


def test_a_fleet_of_nothing_has_no_efficiency():
    assert uptime(Fleet([], [], []), date(2026, 3, 1), ZoneInfo("UTC")).efficiency_pct is None


def test_credits_may_make_power_cheaper_than_nothing():
    items = Items({"power": D(100)}, {"demand response": D(258)}, ["power"], [])

    found = cost(items, Production(10**8, D(1), D(1), None, D(1000)))

    assert (found.power_per_kwh_usd, found.cash_per_btc_usd) == (D("-0.15800"), D("-158.00"))
    assert found.hashprice_usd_per_ph_day is None


def test_a_month_without_bitcoin_has_no_cost_per_bitcoin():
    found = cost(Items({"power": D(100)}, {}, ["power"], []), Production(0, D(30), None, D(0), None))

    assert (found.cash_per_btc_usd, found.hashcost_usd_per_ph_day, found.efficiency_j_per_th) == (None, None, None)


def test_a_cost_that_is_counted_must_be_given():
    with pytest.raises(NoSuchItem, match="no cost is given for hosting"):
        cost(Items({}, {}, ["hosting"], []), Production(0, D(30), None, None, None))


CLOSED = {"2025-10": at("2025-11-03")}
ZONE = ZoneInfo("America/New_York")


def months(*payouts, as_of="2025-12-01"):
    return months_of({"2025-10": 31, "2025-11": 30}, payouts, CLOSED, at(as_of), ZONE)


def test_a_payout_belongs_to_the_local_month():
    found = months(Payout("a", 1, 31_000_000, at("2025-11-01T03:59"), at("2025-11-01T05:00")))

    assert (found["2025-10"].current_sat, found["2025-11"].current_sat) == (31_000_000, 0)
    assert found["2025-10"].average_daily_btc == D("0.01")


def test_a_version_that_moves_a_payout_restates_both_months():
    first = Payout("a", 1, 5, at("2025-10-31T12:00"), at("2025-11-01"))
    moved = Payout("a", 2, 5, at("2025-11-01T12:00"), at("2025-11-05"))

    found = months(moved, first)

    assert (found["2025-10"].published_sat, found["2025-10"].restatement_sat) == (5, -5)
    assert (found["2025-11"].published_sat, found["2025-11"].current_sat) == (None, 5)


def test_what_was_recorded_at_the_close_was_published():
    found = months(Payout("a", 1, 5, at("2025-10-10"), at("2025-11-03")))

    assert not found["2025-10"].is_restated


def test_before_its_close_a_month_was_open():
    assert months(as_of="2025-11-02")["2025-10"].published_sat is None
