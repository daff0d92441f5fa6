"""The cast with machines that have just been heard, and a third person who may approve."""

import time
import uuid

from compute.commands.request import Wanted, request
from compute.models import Command, Device, Order
from compute.protocols.reading import State
from compute.telemetry import sitemap, store
from sites.models import Membership, Role
from tests.compute.telemetry.sweeps import heard, mining
from tests.worlds import World, make_user, make_world


def heard_world(devices: int = 4, language: str = "antminer") -> World:
    """The world of `make_world`; every machine of the company mines 200 TH/s at 3,500 W."""
    sitemap.forget()
    world = make_world(devices)
    Device.objects.update(language=language)
    for box in (world.c1, world.m1, world.g1):
        say(list(Device.objects.filter(container=box)))
    return world


def say(devices: list[Device], **changes: object) -> None:
    """These machines were heard; `asleep=True` is what a sleeping one says, two seconds after what was said before."""
    now = time.time() + (2 if "asleep" in changes else 0)
    said = {"hashrate_ths": 0.0, "power_w": 30.0, "state": State.SLEEPING} if changes.pop("asleep", False) else {}
    by_site: dict[int, list[Device]] = {}
    for device in devices:
        by_site.setdefault(device.site_id, []).append(device)
    for site_id, group in by_site.items():
        store.write(site_id, [heard(device, now, mining(**(said | changes))) for device in group], None)


def second_manager():
    user = make_user("Dora")
    Membership.objects.create(user=user, role=Role.MANAGER)
    return user


def machines(box) -> list[Device]:
    return list(Device.objects.filter(container=box))


def wanted(world: World, **changes: object) -> Wanted:
    """Ada's wish to put Pecos/C1 to sleep."""
    said = {
        "request_id": uuid.uuid4(), "site": world.pecos, "verb": "sleep",
        "device_ids": tuple(device.pk for device in machines(world.c1)), "reason": "price spike",
    }  # fmt: skip
    return Wanted(**(said | changes))


def asked(world: World, **changes: object) -> Order:
    return request(wanted(world, **changes), world.ada)


def states(order: Order) -> list[str]:
    return list(Command.objects.filter(order=order).order_by("pk").values_list("state", flat=True))
