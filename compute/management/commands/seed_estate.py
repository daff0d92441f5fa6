"""Writes the simulated estate's site map: where its machines stand and how they are asked, nothing else."""

from argparse import ArgumentParser
from decimal import Decimal
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from cango_ops.estate import layout as estate
from cango_ops.estate.logins import LOGINS
from compute import credentials
from compute.market import demo
from compute.models import Credential
from compute.protocols.signing import Login
from compute.site_map import PlannedContainer, PlannedDevice, write_containers
from sites import ranges
from sites.models import Site
from sites.ranges import Allowed
from sites.site_map import PlannedMeter, PlannedSite, write_operators, write_regions, write_site


class Command(BaseCommand):
    help = "Writes the site map of the simulated estate; the same map twice changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--devices", type=int, default=estate.DEFAULT_DEVICES)
        parser.add_argument("--seed", type=int, default=estate.DEFAULT_SEED)
        parser.add_argument("--port-shift", type=int, default=0)
        parser.add_argument("--captures", type=Path, default=None, help="a folder of recorded answers: adds site LAB")

    def handle(self, **options: Any) -> None:
        plan = estate.layout(options["seed"], options["devices"], options["port_shift"], options["captures"])
        write_operators((row.code, row.name, row.is_company) for row in plan.operators)
        write_regions((row.code, row.name) for row in plan.regions)
        slots = least_loaded(plan.sites, settings.COLLECTOR_SLOTS)
        total = 0
        for place in plan.sites:
            site = write_site(planned_site(place), slots[place.code])
            difference = write_containers(site, [planned_container(box) for box in place.containers])
            set_logins(site, place)
            ranges.replace("seed_estate", site, allowed(place, plan))
            battery = (place.battery.address, place.battery.port) if place.battery else None
            demo.write(site, demo.Place(place.market, Decimal(str(place.tariff_usd_per_mwh)), battery))
            total += difference.added + difference.changed + difference.removed
        extra = Site.objects.exclude(code__in=[place.code for place in plan.sites]).count()
        kept = f"; {extra} sites stand outside this map and were left alone" if extra else ""
        self.stdout.write(f"{len(plan.sites)} sites on the map, {total} machines written{kept}")


def allowed(place: estate.Site, plan: estate.EstateLayout) -> list[Allowed]:
    """A network for each container (one for all, where they are too many), the meter's own address, the battery's."""
    spots = [(slot.address, slot.port) for box in place.containers for slot in box.slots]
    ports = {port for _, port in spots} | set(plan.moved_ports.values()) - {place.meter.port if place.meter else 0}
    networks = of_width(24, spots)
    if len(networks) > ranges.MOST_RANGES - 2:
        networks = of_width(16, spots)
    words = [Allowed(network, tuple((port, port) for port in sorted(ports))) for network in networks]
    for box in (place.battery, place.meter):
        if box:
            words.insert(0, Allowed(IPv4Network(box.address), ((box.port, box.port),)))
    return words


def of_width(bits: int, spots: list[tuple[str, int]]) -> list[IPv4Network]:
    return sorted({IPv4Network(f"{address}/{bits}", strict=False) for address, _ in spots})


def set_logins(site: Site, place: estate.Site) -> None:
    """Those of the factory, for languages that are spoken there and have none yet."""
    spoken = {slot.language for box in place.containers for slot in box.slots}
    known = set(Credential.objects.filter(site=site, device=None).values_list("language", flat=True))
    for language in sorted(spoken & LOGINS.keys() - known):
        credentials.keep("seed_estate", site, language, Login(*LOGINS[language]))


def least_loaded(sites: tuple[estate.Site, ...], slots: int) -> dict[str, int]:
    """Site code to collector slot, the biggest sites first onto the slot with the fewest machines."""
    load = [0] * slots
    chosen: dict[str, int] = {}
    for site in sorted(sites, key=_machines, reverse=True):
        slot = load.index(min(load))
        chosen[site.code] = slot
        load[slot] += _machines(site)
    return chosen


def _machines(site: estate.Site) -> int:
    return sum(len(box.slots) for box in site.containers)


def planned_site(place: estate.Site) -> PlannedSite:
    meter = place.meter
    return PlannedSite(
        code=place.code,
        name=place.name,
        operator=place.operator,
        region=place.region,
        kind=place.kind,
        time_zone=place.time_zone,
        latitude=place.latitude,
        longitude=place.longitude,
        capacity_mw=Decimal(str(place.capacity_mw)),
        storage_mwh=Decimal(str(place.has_battery_mwh)) if place.has_battery_mwh else None,
        solar_mw=Decimal(str(place.solar_mw)) if place.solar_mw else None,
        price_usd_per_mwh=Decimal(str(place.tariff_usd_per_mwh)),
        market=place.market,
        meters=(PlannedMeter("main", meter.address, meter.port, meter.map),) if meter else (),
    )


def planned_container(box: estate.Container) -> PlannedContainer:
    devices = [PlannedDevice(s.slot, s.address, s.port, s.language, s.model) for s in box.slots]
    return PlannedContainer(box.code, box.kind, box.rows, box.columns, devices)
