"""What a megawatt-hour costs, by contracts worked by hand."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from sites.tariffs.energy import IndexPrice, export_price, import_price
from sites.tariffs.peaks import coincident_usd_per_mwh, peak_so_far, unused_block_usd
from sites.tariffs.terms import BadTerms, Block, Contract, Terms, parse_terms
from sites.tariffs.windows import billing_month, interval_of

CHICAGO = "America/Chicago"
READ_AT = datetime(2026, 7, 1, 12, tzinfo=UTC)


def local(text: str, fold: int = 0, zone: str = CHICAGO) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def contract(kind: str, usd: str, terms: dict | None = None, market: str = "") -> Contract:
    return Contract(kind, Decimal(usd), CHICAGO, market, parse_terms(terms or {}))


def says(price: str):
    return lambda market, index, at: IndexPrice(Decimal(price), f"{market}/{index}", READ_AT)


SUMMER = {
    "holidays": ["2026-07-03"],
    "periods": [
        {"name": "holiday", "usd_per_mwh": "28", "when": {"on_holidays": True}},
        {
            "name": "summer peak",
            "usd_per_mwh": "96.40",
            "when": {"months": [6, 7, 8, 9], "weekdays": [0, 1, 2, 3, 4], "begin": "14:00:00", "end": "20:00:00"},
        },
        {"name": "night", "usd_per_mwh": "24.10", "when": {"begin": "22:00:00", "end": "06:00:00"}},
        {"name": "day", "usd_per_mwh": "41.75"},
    ],
}


def test_a_fixed_price_holds_at_any_instant():
    assert import_price(contract("fixed", "45.50"), READ_AT).usd_per_mwh == Decimal("45.50")


@pytest.mark.parametrize(
    ("when", "usd"),
    [
        ("2026-07-01 13:59", "43.00"),  # 41.75 + 1.25
        ("2026-07-01 14:00", "97.65"),
        ("2026-07-01 19:59", "97.65"),
        ("2026-07-01 20:00", "43.00"),
        ("2026-07-01 22:00", "25.35"),
        ("2026-07-02 05:59", "25.35"),
        ("2026-07-02 06:00", "43.00"),
        ("2026-07-04 15:00", "43.00"),  # a Saturday
        ("2026-07-03 15:00", "29.25"),  # a holiday
        ("2026-01-07 15:00", "43.00"),  # winter
    ],
)
def test_time_of_use_goes_by_the_wall_clock(when, usd):
    assert import_price(contract("tou", "1.25", SUMMER), local(when)).usd_per_mwh == Decimal(usd)


def test_no_period_is_no_price():
    quote = import_price(contract("tou", "0", {"periods": SUMMER["periods"][1:2]}), local("2026-01-07 15:00"))
    assert quote.usd_per_mwh is None
    assert quote.reason == "no period of the time-of-use contract holds then"


def test_clocks_going_forward_leave_an_hour_out():
    terms = {"periods": [{"name": "two", "usd_per_mwh": "9", "when": {"begin": "02:00:00", "end": "03:00:00"}}]}
    day = contract("tou", "0", terms)
    begin = local("2026-03-08 00:00")
    priced = [import_price(day, begin + timedelta(minutes=15 * at)).usd_per_mwh for at in range(92)]
    assert priced == [None] * 92


def test_clocks_going_back_charge_the_hour_that_comes_twice_twice():
    terms = {"periods": [{"name": "one", "usd_per_mwh": "9", "when": {"begin": "01:00:00", "end": "02:00:00"}}]}
    day = contract("tou", "0", terms)
    begin = local("2026-11-01 00:00")
    priced = [import_price(day, begin + timedelta(minutes=15 * at)).usd_per_mwh for at in range(100)]
    assert [at for at, usd in enumerate(priced) if usd is not None] == list(range(4, 12))
    assert import_price(day, local("2026-11-01 01:30", fold=1)).usd_per_mwh == Decimal(9)


def test_a_night_belongs_to_the_day_it_began():
    terms = {
        "periods": [
            {"name": "n", "usd_per_mwh": "5", "when": {"weekdays": [4], "begin": "22:00:00", "end": "06:00:00"}}
        ]
    }
    friday = contract("tou", "0", terms)
    assert import_price(friday, local("2026-07-11 05:00")).usd_per_mwh == Decimal(5)
    assert import_price(friday, local("2026-07-10 05:00")).usd_per_mwh is None


def test_an_index_bears_its_multiplier_and_adder():
    index = contract("index", "4.00", {"multiplier": "1.05", "index": "day_ahead"}, "ERCOT-WEST")
    quote = import_price(index, READ_AT, says("40.00"))
    assert quote.usd_per_mwh == Decimal("46.00")  # 40 * 1.05 + 4
    assert (quote.source, quote.observed_at) == ("ERCOT-WEST/day_ahead", READ_AT)


def test_a_negative_price_is_a_price():
    assert import_price(contract("index", "4", market="X"), READ_AT, says("-31.50")).usd_per_mwh == Decimal("-27.50")


def test_a_price_that_was_not_read_is_none_with_a_reason():
    quote = import_price(contract("index", "4", market="X"), READ_AT)
    assert quote.usd_per_mwh is None
    assert quote.reason == "the real-time price of X is not known"


def test_a_block_with_resale_costs_what_the_market_pays():
    block = {"take_or_pay": {"mwh_a_month": "10000", "usd_per_mwh": "42", "resale": True}}
    assert import_price(contract("fixed", "42", block, "X"), READ_AT, says("180")).usd_per_mwh == Decimal(180)


def test_a_block_without_resale_costs_its_price():
    block = {"take_or_pay": {"mwh_a_month": "10000", "usd_per_mwh": "42"}}
    assert import_price(contract("fixed", "42", block, "X"), READ_AT, says("180")).usd_per_mwh == Decimal(42)


@pytest.mark.parametrize(
    ("resale", "price", "usd"),
    [(False, None, "126000"), (True, "30", "36000"), (True, "60", "-54000"), (True, None, None)],
)
def test_what_is_not_taken_of_a_block(resale, price, usd):
    # 10,000 - 7,000 MWh are left: at 42 $ without resale; at 42 - 30 or 42 - 60 with it.
    block = Block(Decimal(10_000), Decimal(42), resale)
    cost = unused_block_usd(block, Decimal(7_000), None if price is None else Decimal(price))
    assert cost == (None if usd is None else Decimal(usd))


def test_export_brings_its_own_price():
    sells = contract("fixed", "42", {"export": {"index": "real_time", "usd_per_mwh": "-2.50"}}, "X")
    assert export_price(sells, READ_AT, says("61.00")).usd_per_mwh == Decimal("58.50")
    assert export_price(contract("fixed", "42"), READ_AT).reason == "the contract buys nothing back"


CHARGE = {"demand_charges": [{"name": "month", "usd_per_mw": "9500", "interval_min": 15}]}


def minutes(begin: datetime, powers: list[float]) -> list[tuple[datetime, float]]:
    return [(begin + timedelta(minutes=at), power) for at, power in enumerate(powers)]


def test_the_peak_is_the_mean_of_an_interval_not_of_a_minute():
    terms = contract("fixed", "42", CHARGE)
    begin = local("2026-07-01 00:00")
    drawn = minutes(begin, [10.0] * 15 + [40.0] + [11.0] * 14)
    peak = peak_so_far(terms, terms.terms.demand_charges[0], drawn, begin + timedelta(minutes=30))
    assert peak.peak_mw == pytest.approx(12.933333)  # (40 + 14 * 11) / 15
    assert (peak.at, peak.missing_share) == (begin + timedelta(minutes=15), 0.0)


def test_last_months_peak_is_forgotten_at_the_local_midnight():
    terms = contract("fixed", "42", CHARGE)
    begin = local("2026-07-01 00:00")
    drawn = minutes(begin - timedelta(minutes=15), [90.0] * 15 + [12.0] * 15)
    peak = peak_so_far(terms, terms.terms.demand_charges[0], drawn, begin + timedelta(minutes=15))
    assert peak.peak_mw == 12.0


def test_a_meter_that_said_nothing_gives_no_peak():
    terms = contract("fixed", "42", CHARGE)
    peak = peak_so_far(terms, terms.terms.demand_charges[0], [], local("2026-07-02 00:00"))
    assert peak.peak_mw is None
    assert peak.reason == "the meter said nothing of this billing month"


def test_half_a_day_unknown_is_said():
    terms = contract("fixed", "42", CHARGE)
    begin = local("2026-07-01 00:00")
    peak = peak_so_far(terms, terms.terms.demand_charges[0], minutes(begin, [5.0] * 720), begin + timedelta(days=1))
    assert peak.missing_share == pytest.approx(0.5)


def test_a_coincident_peak_is_shared_by_its_likely_hours():
    terms = {
        "coincident_peak": {
            "usd_per_mw": "16750",
            "hours_a_month": 20,
            "when": {"months": [6, 7, 8, 9], "begin": "15:00:00", "end": "18:00:00"},
        }
    }
    peak = contract("fixed", "42", terms)
    assert coincident_usd_per_mwh(peak, local("2026-07-01 16:00")) == Decimal("837.5")
    assert coincident_usd_per_mwh(peak, local("2026-07-01 18:00")) == 0


def test_billing_months_with_a_change_of_clocks_have_an_hour_more_or_less():
    begin, end = billing_month(local("2026-03-15 12:00"), CHICAGO)
    assert end - begin == timedelta(hours=31 * 24 - 1)
    begin, end = billing_month(local("2026-11-15 12:00"), CHICAGO)
    assert end - begin == timedelta(hours=30 * 24 + 1)


def test_intervals_are_counted_from_the_local_hour():
    at = datetime(2026, 7, 1, 10, 20, tzinfo=UTC)  # 16:05 in Kathmandu
    assert interval_of(at, 60, "Asia/Kathmandu") == datetime(2026, 7, 1, 10, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "terms",
    [
        {"multiplyer": "1"},
        {"periods": [{"name": "x", "usd_per_mwh": "NaN"}]},
        {"periods": [{"name": "x", "usd_per_mwh": "1", "when": {"months": [13]}}]},
        {"demand_charges": [{"name": "x", "usd_per_mw": "-1"}]},
        {"holidays": ["yesterday"]},
        [],
        "x",
    ],
)
def test_terms_that_cannot_be_are_refused(terms):
    with pytest.raises(BadTerms):
        parse_terms(terms)


def test_no_terms_are_terms():
    assert parse_terms({}) == Terms()
