"""Several batteries at one site: one in the plan, each with an order of its own."""

from datetime import timedelta

import pytest

from cango_ops.base import clock
from compute.decisions import decide
from compute.decisions.batteries import Room, joined, shared
from compute.decisions.propose import plan_one
from compute.models import Decision, Order
from sites.models import Battery as BatteryRow
from sites.models import SolarPlant
from sites.prices.save import save
from tests.compute.commands.worlds import second_manager
from tests.compute.decisions.worlds import let_console_ask, market_world, price
from tests.compute.switching.worlds import battery


def test_several_batteries_hold_and_move_together_what_each_does():
    """Wear and losses by how much each gives: 2 MWh of three at 4 USD, 1 at 10 are 6."""
    small = battery(capacity_mwh=1.0, soc0_mwh=0.5, wear_usd_per_mwh_discharged=10.0, eta_charge=0.8, now_mw=-0.5)
    large = battery(capacity_mwh=8.0, soc0_mwh=2.0, charge_mw=3.0, discharge_mw=2.0, wear_usd_per_mwh_discharged=4.0,
                    eta_charge=0.9, now_mw=2.0)  # fmt: skip

    one = joined([small, large])

    assert (one.capacity_mwh, one.soc0_mwh, one.charge_mw, one.discharge_mw, one.now_mw) == (9.0, 2.5, 4.0, 3.0, 1.5)
    assert one.wear_usd_per_mwh_discharged == pytest.approx(6.0)
    assert one.eta_charge == pytest.approx(0.875)
    assert joined([small]) is small


@pytest.mark.parametrize(
    ("mw", "rooms", "parts"),
    [
        (3.0, [Room(2.0, 2.0), Room(2.0, 1.0)], [2.0, 1.0]),  # full together
        (3.0, [Room(1.0, 9.0), Room(5.0, 1.0)], [1.0, 2.0]),  # what one cannot take the other does
        (3.0, [Room(2.0, 0.0), Room(2.0, 4.0)], [0.0, 2.0]),  # a full one takes nothing
        (0.0, [Room(2.0, 2.0)], [0.0]),
        (1.0, [], []),
    ],
)
def test_power_is_shared_by_the_room_that_each_has(mw, rooms, parts):
    assert shared(mw, rooms) == pytest.approx(parts)


@pytest.mark.django_db
def test_each_battery_that_can_be_told_gets_its_own_order():
    """Power is paid for being taken: both take what they can; the one without an address is in no plan."""
    world = market_world(60.0)
    let_console_ask(world)
    SolarPlant.objects.filter(site=world.pecos).delete()
    for name, mw, address in (("a", 1, "127.0.0.1"), ("b", 0.5, "127.0.0.1"), ("c", 9, None)):
        BatteryRow.objects.create(
            site=world.pecos, name=name, capacity_mwh=4 * mw, charge_mw=mw, discharge_mw=mw, soc_mwh=0.0,
            soc_at=clock.now(), power_w=0.0, address=address, wear_usd_per_mwh=0,
        )  # fmt: skip
    now = clock.now()
    five = now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0)
    save([price(-500.0, five, 5, "real_time")], "test", now + timedelta(seconds=1))

    for _ in range(2):
        plan_one(world.pecos, clock.now())
    decision = Decision.objects.select_related("site").get()
    for person in (world.bo, second_manager())[: decision.approvals_needed]:
        decide.approve(decision, person)

    facts = {fact["name"]: fact["value"] for fact in decision.plan.facts}
    assert (facts["a"], facts["b"], facts["c"]) == ("0.0 of 4.0 MWh", "0.0 of 2.0 MWh", "0.0 of 36.0 MWh")
    orders = Order.objects.order_by("pk")
    assert [(order.commands.get().place, order.setpoint_w) for order in orders] == [
        ("PECOS/a", -1_000_000), ("PECOS/b", -500_000),
    ]  # fmt: skip
