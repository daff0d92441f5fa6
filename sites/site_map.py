"""Writes the map of places: operators, regions, sites, their meters and power contracts, as planned.

A map is what people know before any machine was asked. Writing the same map again changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from sites.models import Meter, Operator, PowerContract, Region, Site

# A contract of unknown beginning holds from here on.
ALWAYS = date(2000, 1, 1)


@dataclass(frozen=True)
class PlannedMeter:
    """Where a meter answers and which register map reads it."""

    name: str
    address: str
    port: int
    map_name: str


@dataclass(frozen=True)
class PlannedSite:
    """One site of the map with codes for its operator and region."""

    code: str
    name: str
    operator: str
    region: str
    kind: str
    time_zone: str
    latitude: float | None
    longitude: float | None
    capacity_mw: Decimal
    storage_mwh: Decimal | None
    solar_mw: Decimal | None
    price_usd_per_mwh: Decimal
    market: str
    meters: tuple[PlannedMeter, ...]


@transaction.atomic
def write_operators(rows: Iterable[tuple[str, str, bool]]) -> None:
    """rows: (code, name, is the company itself)."""
    for code, name, is_company in rows:
        Operator.objects.update_or_create(code=code, defaults={"name": name, "is_company": is_company})


@transaction.atomic
def write_regions(rows: Iterable[tuple[str, str]]) -> None:
    """rows: (code, name)."""
    for code, name in rows:
        Region.objects.update_or_create(code=code, defaults={"name": name})


@transaction.atomic
def write_site(plan: PlannedSite, collector_slot: int) -> Site:
    """The site as planned, with its meters; a contract is written only where the site has none yet."""
    site, _ = Site.objects.update_or_create(
        code=plan.code,
        defaults={
            "name": plan.name,
            "operator": Operator.objects.get(code=plan.operator),
            "region": Region.objects.get(code=plan.region),
            "kind": plan.kind,
            "time_zone": plan.time_zone,
            "latitude": plan.latitude,
            "longitude": plan.longitude,
            "capacity_mw": plan.capacity_mw,
            "storage_mwh": plan.storage_mwh,
            "solar_mw": plan.solar_mw,
            "collector_slot": collector_slot,
        },
    )
    for meter in plan.meters:
        where = {"address": meter.address, "port": meter.port, "map_name": meter.map_name}
        Meter.objects.update_or_create(site=site, name=meter.name, defaults=where)
    site.meters.exclude(name__in=[meter.name for meter in plan.meters]).delete()
    if not site.power_contracts.exists():
        PowerContract.objects.create(site=site, valid_from=ALWAYS, price_usd_per_mwh=plan.price_usd_per_mwh)
    return site
