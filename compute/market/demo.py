"""What the sites of the estate sell and owe: contracts, storage, programmes. Writing it again changes nothing."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import transaction

from cango_ops.base import clock
from compute.models import CommandPolicy, Device, GpuContract, MiningTerms, SpotDemand
from sites.models import Battery, PowerContract, Programme, Site, SolarPlant
from sites.site_map import ALWAYS

# Areas with a market whose price a site can follow; the others pay a fixed price or by the time of day.
WHOLESALE: Final = ("ERCOT", "SPP", "PJM", "MISO", "NYISO", "AESO", "MID-C", "CEN")
TIME_OF_USE: Final = ("SOCO", "DUKE", "CCEE", "CAMMESA")
POOL_FEE: Final = Decimal("0.02")
HOURS_OF_BATTERY: Final = 2
CUSTOMERS: Final = ("Brightline Labs", "Northwind Health", "Tallgrass Robotics")


@dataclass(frozen=True)
class Place:
    """What the estate says of a site. battery: where its battery is asked."""

    market: str
    mean_usd_per_mwh: Decimal
    battery: tuple[str, int] | None = None


@transaction.atomic
def write(site: Site, place: Place) -> None:
    write_contract(site, place)
    write_storage(site, place.battery)
    MiningTerms.objects.get_or_create(site=site, defaults={"pool": "the estate's pool", "fee_share": POOL_FEE})
    CommandPolicy.objects.get_or_create(site=site, requester="console")
    write_nodes(site)


def write_contract(site: Site, place: Place) -> None:
    """Replaces the fixed price of a new site by the kind of contract that is usual there, once."""
    first = PowerContract.objects.filter(site=site, valid_from=ALWAYS, kind=PowerContract.Kind.FIXED, market="")
    if site.power_contracts.count() == 1 and first.exists():
        first.update(**contract_of(place))


def contract_of(place: Place) -> dict[str, Any]:
    if place.market.startswith(WHOLESALE):
        terms: dict[str, Any] = {"index": "real_time", "export": {"index": "real_time", "usd_per_mwh": "-3"}}
        if place.market.startswith("ERCOT"):
            summer = {"months": [6, 7, 8, 9], "weekdays": [0, 1, 2, 3, 4], "begin": "15:00:00", "end": "18:00:00"}
            terms["coincident_peak"] = {"usd_per_mw": "16750", "hours_a_month": 20, "when": summer}
        return {"kind": "index", "market": place.market, "price_usd_per_mwh": Decimal(4), "terms": terms}
    if place.market.startswith(TIME_OF_USE):
        return {"kind": "tou", "market": place.market, "price_usd_per_mwh": Decimal(0), "terms": by_day(place)}
    return {"market": place.market}


def by_day(place: Place) -> dict[str, Any]:
    mean = place.mean_usd_per_mwh
    evening = {"weekdays": [0, 1, 2, 3, 4], "begin": "17:00:00", "end": "21:00:00"}
    night = {"begin": "22:00:00", "end": "06:00:00"}
    return {
        "periods": [
            {"name": "evening peak", "usd_per_mwh": str(mean * 2), "when": evening},
            {"name": "night", "usd_per_mwh": str(mean * Decimal("0.7")), "when": night},
            {"name": "day", "usd_per_mwh": str(mean)},
        ],
        "demand_charges": [{"name": "month", "usd_per_mw": "6500", "interval_min": 15}],
    }


def write_storage(site: Site, battery: tuple[str, int] | None) -> None:
    if site.storage_mwh:
        power = site.storage_mwh / HOURS_OF_BATTERY
        sizes = {"capacity_mwh": site.storage_mwh, "charge_mw": power, "discharge_mw": power}
        Battery.objects.get_or_create(site=site, defaults=sizes)
        if battery is not None:
            Battery.objects.filter(site=site).update(address=battery[0], port=battery[1])
    if site.solar_mw:
        SolarPlant.objects.get_or_create(site=site, defaults={"peak_mw": site.solar_mw})
    if site.power_contracts.filter(market__startswith="ERCOT").exists():
        promise: dict[str, Any] = {
            "baseline_mw": site.capacity_mw,
            "cap_mw": site.capacity_mw,
            "usd_per_mwh": 250,
            "valid_from": ALWAYS,
        }
        Programme.objects.get_or_create(site=site, name="Emergency response", defaults=promise)


def write_nodes(site: Site) -> None:
    """Half of the nodes are sold by contract; of the rest two thirds are asked for by the hour."""
    nodes = Device.objects.filter(site=site, is_gpu=True).count()
    if not nodes or GpuContract.objects.filter(site=site).exists():
        return
    now = clock.now()
    GpuContract.objects.create(
        site=site, customer=CUSTOMERS[site.pk % len(CUSTOMERS)], nodes=max(1, nodes // 2), usd_per_node_h=16,
        penalty_usd_per_node_h=40, begin_at=now,
    )  # fmt: skip
    SpotDemand.objects.get_or_create(
        site=site, observed_at=now,
        defaults={
            "nodes": nodes - nodes // 2 - nodes // 6, "usd_per_node_h": 9, "source": "demo",
            "good_until": now + timedelta(days=3650),
        },
    )  # fmt: skip
