"""The cast of the tests: three sites and the people around them.

Pecos has a meter and a battery, Muscat another zone and no meter, Ghost was never polled and belongs to a partner.
Ada operates Pecos, Bo manages the whole network, Cy belongs to the partner and must see nothing of the company's.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from cango_ops.base.models import User
from compute.models import Container, Device, DeviceNow
from sites.models import AddressRange, Membership, Meter, Operator, PlannedWindow, PowerContract, Region, Role, Site

HOUR = timedelta(hours=1)
PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class World:
    """What `make_world` made."""

    company: Operator
    partner: Operator
    pecos: Site
    muscat: Site
    ghost: Site
    ada: User
    bo: User
    cy: User
    c1: Container
    m1: Container
    g1: Container


def make_user(name: str) -> User:
    return User.objects.create_user(username=name.lower(), email=f"{name.lower()}@example.com", password=PASSWORD)


def plan_off(site: Site, container: Container | None = None, **more: Any) -> PlannedWindow:
    """A window that holds since an hour ago and for an hour more, where nothing else is said."""
    now = datetime.now(UTC)
    said = {"kind": "maintenance", "begin_at": now - HOUR, "end_at": now + HOUR, "reason": "transformer swap"} | more
    entered_by, _ = User.objects.get_or_create(username="planner", email="planner@example.com")
    return PlannedWindow.objects.create(
        site=site, container_id=container and container.pk, container=container.code if container else "",
        entered_by=entered_by, entered_at=now, **said,
    )  # fmt: skip


def make_devices(
    container: Container, count: int, *, first_address: str, first_slot: int = 1, language: str = "antminer"
) -> list[Device]:
    """`count` machines in consecutive places and addresses, each with its current row "never polled"."""
    head, _, last = first_address.rpartition(".")
    devices = Device.objects.bulk_create(
        Device(
            site=container.site,
            container=container,
            slot=first_slot + at,
            address=f"{head}.{int(last) + at}",
            port=4028,
            language=language,
            model="Antminer S21",
            nameplate_ths=200.0,
            nameplate_w=3500.0,
        )
        for at in range(count)
    )
    DeviceNow.objects.bulk_create(DeviceNow(device=device, site=container.site) for device in devices)
    return devices


def make_world(devices: int = 4) -> World:
    """The cast, with `devices` machines in Pecos/C1 and Muscat/M1 each and 2 in Ghost/G1."""
    company = Operator.objects.create(code="cango", name="Cango", is_company=True)
    partner = Operator.objects.create(code="partner", name="Partner Mining")
    texas = Region.objects.create(code="north-america", name="North America")
    gulf = Region.objects.create(code="middle-east", name="Middle East")
    pecos = Site.objects.create(
        code="PECOS", name="Pecos", operator=company, region=texas, kind=Site.Kind.OWNED,
        time_zone="America/Chicago", capacity_mw=Decimal(20), storage_mwh=Decimal(10),
    )  # fmt: skip
    muscat = Site.objects.create(
        code="MUSCAT", name="Muscat", operator=company, region=gulf, kind=Site.Kind.HOSTED,
        time_zone="Asia/Muscat", capacity_mw=Decimal(12),
    )  # fmt: skip
    ghost = Site.objects.create(
        code="GHOST", name="Ghost", operator=partner, region=texas, kind=Site.Kind.PARTNER,
        time_zone="America/New_York", capacity_mw=Decimal(3),
    )  # fmt: skip
    Meter.objects.create(site=pecos, name="main", address="127.0.0.1", port=5020, map_name="sunspec")
    for site in (pecos, muscat, ghost):
        AddressRange.objects.create(site=site, network="127.0.0.0/8", ports="1-65535")
        PowerContract.objects.create(site=site, valid_from=date(2025, 1, 1), price_usd_per_mwh=Decimal("45.50"))
    boxes = [
        Container.objects.create(site=site, code=code, kind=Container.Kind.ASIC, rows=4, columns=6)
        for site, code in ((pecos, "C1"), (muscat, "M1"), (ghost, "G1"))
    ]
    for number, (box, count) in enumerate(zip(boxes, (devices, devices, 2), strict=True)):
        make_devices(box, count, first_address=f"127.7.{number}.1")
    ada, bo, cy = (make_user(name) for name in ("Ada", "Bo", "Cy"))
    Membership.objects.create(user=ada, role=Role.OPERATOR, site=pecos)
    Membership.objects.create(user=bo, role=Role.MANAGER)
    Membership.objects.create(user=cy, role=Role.OPERATOR, operator=partner)
    return World(company, partner, pecos, muscat, ghost, ada, bo, cy, *boxes)
