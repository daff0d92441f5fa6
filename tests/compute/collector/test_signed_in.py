"""The collector signs in at machines of the simulated estate, over real sockets."""

import asyncio
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connections

from cango_ops.estate.dialects import identity as born
from cango_ops.estate.logins import LOGINS
from compute import credentials
from compute.collector import targets
from compute.collector.read_now import read_devices
from compute.models import Container, Device, DeviceNow
from compute.protocols.signing import Login
from compute.telemetry import queries
from sites.models import AddressRange, Operator, Region, Site
from tests.estate.small_estate import Clock, open_estate

pytestmark = pytest.mark.django_db(transaction=True)


def put(address: str, port: int, language: str) -> Device:
    operator = Operator.objects.create(code="a", name="A")
    site = Site.objects.create(
        code="PECOS", name="Pecos", operator=operator, region=Region.objects.create(code="r", name="R"), kind="owned",
        time_zone="UTC", capacity_mw=Decimal(1),
    )  # fmt: skip
    AddressRange.objects.create(site=site, network=f"{address}/32", ports="1-65535")
    box = Container.objects.create(site=site, code="C1", kind="asic", rows=1, columns=1)
    device = Device.objects.create(
        site=site, container=box, slot=1, address=address, port=port, language=language, model=""
    )
    DeviceNow.objects.create(device=device, site=site)
    return device


def said(device: Device) -> tuple[str | None, str | None]:
    targets.forget()
    read_devices([device.pk])
    reading = queries.last(device.pk).reading
    return reading["mac"], reading["serial"]


def asked(device: Device, login: Login) -> tuple[str | None, str | None]:
    credentials.keep("test", device.site, device.language, login)
    return said(device)


async def aside(work: Callable, *words: object) -> object:
    """Runs it in a thread, so that the estate goes on answering, and leaves no connection behind."""

    def run() -> object:
        try:
            return work(*words)
        finally:
            connections.close_all()

    return await asyncio.to_thread(run)


async def test_an_antminer_tells_its_mac_and_serial_number_to_those_who_sign_in_alone(settings):
    opened = await open_estate(Clock())
    try:
        machine = opened.machine("antminer")
        settings.MOVED_PORTS = {80: 8081 + opened.estate.shift}
        device = await aside(put, machine.address, 4028 + opened.estate.shift, "antminer")

        strange = await aside(asked, device, Login("root", "wrong"))
        known = await aside(asked, device, Login(*LOGINS["antminer"]))
    finally:
        await opened.estate.close()

    assert strange == (None, None)
    assert known == (born.mac(machine), born.serial(machine, "SMTT"))
