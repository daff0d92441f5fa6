"""What mining earns, with numbers worked by hand: 10 PH/s at 48 $/PH/day are 20 $/h."""

from datetime import UTC, date, datetime
from decimal import Decimal

from compute.market.network import Hashprice
from compute.telemetry.answers import Totals
from compute.web.site.money import money
from sites.models import PowerContract
from sites.tariffs.energy import Quote


def price(*, is_stale: bool = False) -> Hashprice:
    return Hashprice(48.0, Decimal(90_000), 1e14, datetime(2025, 11, 21, tzinfo=UTC), "127.0.0.1", is_stale)


def contract(kind: str = "fixed", **more: str) -> PowerContract:
    return PowerContract(kind=kind, valid_from=date(2025, 1, 1), price_usd_per_mwh=Decimal("45.50"), **more)


PAID = Quote(Decimal("45.50"))
RUNS = Totals(hashrate_ths=10_000.0, power_w=200_000.0)


def test_mining_earns_by_hashprice_and_pays_for_what_the_machines_draw():
    made = money(RUNS, 0.0, contract(), PAID, price())
    assert (made.revenue_usd_per_h, made.power_usd_per_h, made.margin_usd_per_h) == (20.0, 9.1, 10.9)
    assert (made.revenue_usd_per_mwh, round(made.margin_usd_per_mwh, 9), made.why) == (100.0, 54.5, "")


def test_what_only_the_meter_sees_is_paid_too():
    made = money(
        Totals(hashrate_ths=10_000.0, power_w=200_000.0, meter_power_w=220_000.0), 0.0, contract(), PAID, price()
    )
    assert (made.power_w, round(made.power_usd_per_h, 9)) == (220_000.0, 10.01)


def test_the_share_of_ai_containers_is_not_charged_to_mining():
    whole = Totals(hashrate_ths=10_000.0, power_w=250_000.0, meter_power_w=275_000.0)
    made = money(whole, 50_000.0, contract(), PAID, price())
    assert round(made.power_w, 6) == 220_000.0


def test_a_stale_hashprice_earns_nothing_that_is_known():
    made = money(RUNS, 0.0, contract(), PAID, price(is_stale=True))
    assert (made.revenue_usd_per_h, made.margin_usd_per_h, made.power_usd_per_h) == (None, None, 9.1)
    assert made.why == "hashprice is stale"


def test_an_index_without_its_price_leaves_the_margin_unknown_and_says_why():
    unknown = Quote(None, reason="no real-time price of ERCOT is known")
    made = money(RUNS, 0.0, contract("index", market="ERCOT"), unknown, price())
    assert (made.power_usd_per_h, made.margin_usd_per_h) == (None, None)
    assert made.why == "no real-time price of ERCOT is known"


def test_a_negative_price_is_earned():
    made = money(RUNS, 0.0, contract("index", market="ERCOT"), Quote(Decimal(-20)), price())
    assert (made.power_usd_per_h, made.margin_usd_per_h) == (-4.0, 24.0)


def test_each_thing_that_is_missing_is_named():
    assert money(Totals(), 0.0, contract(), PAID, price()).why == "no live hashrate"
    assert money(RUNS, 0.0, contract(), PAID, None).why == "hashprice never read"
    assert money(RUNS, 0.0, None, Quote(None), price()).why == "no power contract holds today"
    assert money(Totals(hashrate_ths=1.0), 0.0, contract(), PAID, price()).why == "no machine says its power"


def test_a_site_that_draws_nothing_has_no_price_a_megawatt_hour():
    assert money(Totals(hashrate_ths=0.0, power_w=0.0), 0.0, contract(), PAID, price()).revenue_usd_per_mwh is None
