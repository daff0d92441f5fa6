"""Prices that flap every five minutes, through the whole console: inputs, plan, dead band, waiting, decision, policy,
orders, what telemetry says of them, and what is remembered of it in the next round.

Only the wire is left out. Between two rounds everything on record grows five minutes older.
"""

import time
from datetime import timedelta
from itertools import pairwise
from random import Random

import pytest
import time_machine
from django.db.models import F

from cango_ops.base import clock
from compute.commands import confirm
from compute.decisions import execute, verify
from compute.decisions.propose import plan_one
from compute.decisions.round import RULES
from compute.models import Command, Decision, DeviceNow, Order, SwitchMemory, Verb
from compute.protocols.reading import State
from compute.telemetry import store
from tests.compute.commands.worlds import machines
from tests.compute.decisions.worlds import let_console_ask, market_world, read_network, say_prices
from tests.compute.telemetry.sweeps import heard, mining

pytestmark = pytest.mark.django_db
ROUND = timedelta(minutes=5)
MINUTE = timedelta(minutes=1)
ASLEEP = {"hashrate_ths": 0.0, "power_w": 30.0, "state": State.SLEEPING}
TIMES = {
    Order: ("requested_at", "approved_at", "not_after", "ended_at"),
    Command: ("sent_at", "ended_at"),
    Decision: ("proposed_at", "until_at", "not_after", "decided_at"),
    DeviceNow: ("since",),
}


class Pecos:
    """24 machines that do what they are told within the round. started, stopped: when, in minutes on record."""

    def __init__(self, seconds: int) -> None:
        self.begin = time.time() - seconds - 10
        with time_machine.travel(self.begin - 5, tick=True):
            self.world = market_world()
        read_network(40.0)
        let_console_ask(self.world, "automatic", max_kw=10_000, max_hours=48, max_usd=1e9)
        self.machines = machines(self.world.c1)
        self.says: dict[str, object] = {}
        self.started: list[float] = []
        self.stopped: list[float] = []
        self.began = time.monotonic()

    def live_through(self, at: int, usd: float) -> None:
        for model, names in TIMES.items():
            model.objects.update(**{name: F(name) - ROUND for name in names})
        say_prices(usd, hours=12)
        self.answer(at)
        plan_one(self.world.pecos, clock.now())
        if execute.execute_automatic():
            self.obey(at)

    def answer(self, at: int) -> None:
        """A sample is kept by the second, so that rounds stand a second apart on record."""
        polls = [heard(device, self.begin + at, mining(**self.says)) for device in self.machines]
        store.write(self.world.pecos.pk, polls, None)

    def obey(self, at: int) -> None:
        order = Order.objects.get(state="approved")
        verb = order.verb
        said_at = clock.now() - timedelta(seconds=time.time() - self.begin - at)
        told_at = said_at - timedelta(minutes=8)  # longer than any machine takes to settle
        order.commands.update(state="acknowledged", sent_at=told_at, confirm_by=clock.now())
        self.says = ASLEEP if verb == Verb.SLEEP else {}
        self.answer(at + 1)
        confirm.confirm_commands()
        assert set(order.commands.values_list("state", flat=True)) == {"confirmed"}
        Order.objects.filter(state="done").update(ended_at=told_at)
        assert verify.verify(clock.now()) == 1
        # For the rounds to come it was done in this one.
        order.commands.update(sent_at=clock.now())
        DeviceNow.objects.filter(device__in=self.machines).update(since=clock.now())
        # What this computer took for the rounds has passed as well.
        minutes = at / 2 * (ROUND / MINUTE) + (time.monotonic() - self.began) / 60
        (self.stopped if verb == Verb.SLEEP else self.started).append(minutes)


@pytest.fixture(autouse=True)
def nothing_grows_stale(settings) -> None:
    settings.SWEEP_S = 3600


def flap(rounds: int) -> Pecos:
    """Prices around the 95 USD/MWh that a hash earns: half an hour on each side, with noise and spikes."""
    dice, pecos = Random(5), Pecos(2 * rounds)
    for at in range(rounds):
        usd = (40 if at // 7 % 2 else 140) + dice.uniform(-30, 30) + 300 * (dice.random() < 0.02)
        pecos.live_through(2 * at, usd)
    return pecos


def check(pecos: Pecos) -> None:
    started, stopped = pecos.started, pecos.stopped
    assert started  # or the prices did not flap
    most = RULES.most_starts_a_day or 0
    # A round is what lies between the moment that is planned for and that of the order.
    assert all(later - first >= 24 * 60 - 5 for first, later in zip(started, started[most:], strict=False))
    changes = sorted([(at, "start") for at in started] + [(at, "stop") for at in stopped])
    assert all(one[1] != other[1] for one, other in pairwise(changes))
    # At least an hour on once it was started, and half an hour off.
    for (at, what), (later, _) in pairwise(changes):
        assert later - at >= (60 if what == "start" else 30)
    # What is on record is what was done, and nothing was ordered twice.
    assert Order.objects.filter(verb=Verb.WAKE).count() == len(started)
    assert Order.objects.filter(verb=Verb.SLEEP).count() == len(stopped)
    assert SwitchMemory.objects.count() == 1


def test_hours_of_flapping_prices_start_machines_no_more_often_than_the_policy_says():
    check(flap(28))


@pytest.mark.long
def test_days_of_flapping_prices_start_machines_no_more_often_than_the_policy_says():
    pecos = flap(2 * 24 * 12)
    check(pecos)
    # The limit of a day is what stops them.
    assert len(pecos.started) >= 2 * (RULES.most_starts_a_day or 0) - 1
