"""A dear afternoon on real sockets: machines are limited, seen to keep it, and raised again when it is over.

The estate's journal is the judge: each machine is told once down and once up, in the words of its own language.
"""

import time
from datetime import timedelta

import pytest

from cango_ops.base import clock
from cango_ops.base.clock import database_now
from cango_ops.estate.dialects.luxos import STEPS, profile_watts
from cango_ops.estate.nameplates import PLATES
from compute.collector import polling
from compute.commands import confirm, sending
from compute.decisions import execute
from compute.decisions.propose import plan_one
from compute.decisions.verify import verify
from compute.models import Command, Decision, Device, DeviceNow, Order, PowerMode
from sites.models import PowerContract
from tests.compute.commands.conftest import estate, no_hurry, pecos  # noqa: F401 - fixtures
from tests.compute.decisions.worlds import MARKET, let_console_ask, read_network, say_prices

pytestmark = pytest.mark.django_db(transaction=True)
# Whose last watts earn less, and whose first watts more, than 555 USD/MWh at 400 USD/PH/day.
CHOSEN = {("Antminer S19 XP", "luxos"), ("Antminer S19j Pro", "braiins"), ("M50", "whatsminer_v2")}
LOWERED = {"profileset", "performance/power-target", "adjust_power_limit"}
D = Decision.State


@pytest.fixture
def drill(pecos, estate, settings, monkeypatch):  # noqa: F811
    """Four machines of each of three languages, of which full power and about 60 % of it were measured. However busy
    this computer is, they have the time to answer, and what they said is not stale before it was planned with."""
    settings.SWEEP_S = 600
    monkeypatch.setattr(polling, "INSPECT_S", 60.0)
    put = estate.put(pecos.c1, 400, tuple(language for _, language in CHOSEN))
    kept = [pk for key in CHOSEN for pk in [one.pk for one in put if (one.model, one.language) == key][:4]]
    Device.objects.filter(container=pecos.c1).exclude(pk__in=kept).delete()
    devices = list(Device.objects.filter(pk__in=kept))
    estate.read(devices)
    for device in devices:
        measure(device)
    PowerContract.objects.filter(site=pecos.pecos).update(kind="index", market=MARKET, price_usd_per_mwh=0)
    let_console_ask(pecos, "automatic", max_kw=10_000, max_hours=48, max_usd=1e9)
    read_network(400.0)
    return pecos, estate, devices


def measure(device):
    """What this machine's model is known to do, in the limits that its language can hold."""
    said, plate_w = DeviceNow.objects.get(device=device).power_limit_w, device.nameplate_w
    # LuxOS has profiles in steps; this one of the S19 XP stands near 60 %.
    for limit_w, power_w, share in ((said, plate_w, 1.0), (eased_w(device), eased_w(device), 0.75)):
        PowerMode.objects.get_or_create(
            site=device.site, model=device.model, language=device.language, limit_w=limit_w,
            defaults={
                "minutes": 900.0, "machines": 4, "power_w": power_w, "hashrate_ths": device.nameplate_ths * share,
                "first_at": clock.now() - timedelta(days=1), "until_at": clock.now(),
            },
        )  # fmt: skip


def eased_w(device):
    if device.language != "luxos":
        return round(0.6 * device.nameplate_w)
    return min(profiles(), key=lambda watts: abs(watts - 0.6 * device.nameplate_w))


def profiles():
    return [round(profile_watts(PLATES["Antminer S19 XP"], step)) for step in STEPS]


def price(usd):
    """What runs from five minutes ago on, so that no round of this minute is before it."""
    say_prices(usd, clock.now() - timedelta(minutes=5))
    say_prices(usd, clock.now())


def send():
    sending.send_commands(linger_s=0.3)


def an_hour_later(estate, devices):  # noqa: F811
    """The courses of the machines, and what was sent, as if an hour had gone by; then everybody is asked."""
    for device in devices:
        control = estate.machine(device).control
        control.course = control.course._replace(times=tuple(at - 3600 for at in control.course.times))
        control.boot_at -= 3600
    Command.objects.update(sent_at=database_now() - timedelta(minutes=61))
    time.sleep(1.0)  # a sample is kept by the second
    estate.read(devices)
    confirm.confirm_commands()


def told(estate):  # noqa: F811
    return [entry for entry in estate.entries() if entry.command in LOWERED]


def judged(decision):
    Order.objects.filter(source=f"decision/{decision.pk}").update(ended_at=database_now() - timedelta(minutes=6))
    verify(clock.now())
    decision.refresh_from_db()
    return decision


def test_a_dear_afternoon_limits_machines_and_raises_them_again(drill):
    world, estate, devices = drill  # noqa: F811
    own = dict(DeviceNow.objects.filter(device__in=devices).values_list("device_id", "power_limit_w"))
    price(555.0)

    assert plan_one(world.pecos, clock.now()) == "proposed"
    decision = Decision.objects.get()
    assert {(move["verb"], move["from"]) for move in decision.moves} == {("power_limit", 4)}
    assert execute.execute_automatic() == 1
    send()

    # Each machine once, to the rung of its own tier.
    entries = told(estate)
    assert sorted(entry.address for entry in entries) == sorted(device.address for device in devices)
    assert {entry.command for entry in entries} == LOWERED
    an_hour_later(estate, devices)
    assert set(Command.objects.values_list("state", flat=True)) == {"confirmed"}
    for device in devices:
        row = DeviceNow.objects.get(device=device)
        assert (row.power_limit_w, row.own_limit_w) == (eased_w(device), own[device.pk])
    confirm.confirm_commands()
    ended = judged(decision)
    # 4 * 1,204 W of the S19 XP, 4 * 1,220 of the S19j Pro, 4 * 1,322 of the M50, and 5 % for fans.
    assert ended.change_mw == pytest.approx(-0.0157, rel=0.02)
    assert (ended.state, ended.after_mw < ended.before_mw) == (D.DONE, True), ended.verdict

    price(20.0)
    for _ in range(4):
        outcome = plan_one(world.pecos, clock.now())
    assert outcome == "proposed"
    raised = Decision.objects.get(state=D.PROPOSED)
    assert {move["limit_w"] > move["from_w"] for move in raised.moves} == {True}
    execute.execute_automatic()
    send()
    assert len(told(estate)) == 2 * len(devices)
    an_hour_later(estate, devices)
    assert DeviceNow.objects.filter(device__in=devices, own_limit_w=None, ordered_limit_w=None).count() == 12
    assert dict(DeviceNow.objects.filter(device__in=devices).values_list("device_id", "power_limit_w")) == own
    confirm.confirm_commands()
    assert judged(raised).state == D.DONE
