"""Orders that may leave, and the sender that runs once."""

import uuid

from django.db import connection

from compute.commands import approve, sending
from compute.commands.request import Wanted, request
from compute.models import Order
from tests.compute.commands.worlds import say
from tests.worlds import World


def ordered(world: World, devices, verb="sleep", **more) -> Order:
    """Approved by Bo."""
    wanted = Wanted(uuid.uuid4(), world.pecos, verb, tuple(device.pk for device in devices), "test", **more)
    return approve.approve(request(wanted, world.ada), world.bo)


def heard(world: World, devices) -> list:
    say(devices)
    return devices


def run(**more) -> None:
    sending.send_commands(linger_s=0.3, **more)


def run_and_close() -> None:
    try:
        run()
    finally:
        connection.close()
