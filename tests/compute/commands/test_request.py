"""Asking for an order, and the words of the others about it."""

import uuid
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from cango_ops.base import audit
from cango_ops.base.models import AuditEvent
from compute.commands import approve, hold
from compute.commands.preview import preview
from compute.commands.refusal import Refused
from compute.commands.request import request
from compute.models import Command, CommandPolicy, Device, NetworkReading, Order
from sites.models import Membership
from tests.base.threads import in_threads
from tests.compute.commands.worlds import asked, heard_world, machines, say, second_manager, states, wanted
from tests.compute.decisions.worlds import market_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return heard_world()


def test_a_request_names_every_machine_and_what_it_promises(world):
    order = asked(world)

    assert (order.state, order.approvals_needed, order.waves) == ("requested", 1, 1)
    assert order.promised_w == 4 * 3470
    assert states(order) == ["requested"] * 4
    first = order.commands.first()
    assert (first.place, first.expected_w, first.before_w) == ("PECOS/C1/1", 3470.0, 3500.0)


def test_the_same_request_twice_is_one_order(world):
    again = wanted(world)
    assert request(again, world.ada).pk == request(again, world.ada).pk
    assert Command.objects.count() == 4


def test_a_request_id_belongs_to_one_order_alone(world):
    again = wanted(world)
    request(again, world.ada)
    with pytest.raises(Refused, match="belongs to another"):
        request(wanted(world, request_id=again.request_id, verb="wake"), world.ada)


def test_machines_of_another_site_are_not_there(world):
    foreign = tuple(device.pk for device in machines(world.g1))
    with pytest.raises(Refused, match="no machine of these"):
        asked(world, device_ids=foreign)


def test_machines_that_are_asleep_or_under_command_are_left_out_and_counted(world):
    say(machines(world.c1)[:1], asleep=True)
    first = asked(world, device_ids=tuple(device.pk for device in machines(world.c1)[:2]))

    second = asked(world)

    assert first.skipped == {"asleep already": 1}
    assert second.skipped == {"asleep already": 1, "another command is open": 1}
    assert second.promised_w == 2 * 3470


def test_no_machine_has_two_open_commands_whoever_writes_them(world):
    order = asked(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        Command.objects.create(order=order, device=machines(world.c1)[0], place="x", wave=1)


def test_a_viewer_and_another_partner_may_not_ask(world):
    with pytest.raises(Refused) as refused:
        request(wanted(world), world.cy)
    assert refused.value.is_right


def test_what_is_wrong_with_a_wish_is_said(world):
    for change, why in (
        ({"verb": "explode"}, "no machine can be told explode"),
        ({"verb": "power_limit"}, "needs watts"),
        ({"limit_w": 100}, "nothing else takes any"),
        ({"reason": "  "}, "say why"),
        ({"hours": 0}, "hours must be"),
        ({"valid_s": 90_000}, "a day at most"),
    ):
        with pytest.raises(Refused, match=why):
            asked(world, **change)


def test_the_requester_may_not_approve_and_a_viewer_neither(world):
    order = request(wanted(world), world.bo)
    with pytest.raises(Refused, match="who requested it"):
        approve.approve(order, world.bo)
    with pytest.raises(Refused, match="does not allow approving"):
        approve.approve(order, world.ada)


def test_one_approval_lets_it_run(world):
    order = approve.approve(asked(world), world.bo)

    assert (order.state, states(order)) == ("approved", ["approved"] * 4)


def test_above_the_limit_two_different_people_approve(world):
    CommandPolicy.objects.create(site=world.pecos, requester="operator", two_person_above_kw=10)
    order = asked(world)
    assert order.approvals_needed == 2

    assert approve.approve(order, world.bo).state == "requested"
    assert approve.approve(order, world.bo).state == "requested"
    assert approve.approve(order, second_manager()).state == "approved"


def test_a_word_does_not_outlive_the_right_to_it(world):
    CommandPolicy.objects.create(site=world.pecos, requester="operator", two_person_above_kw=10)
    order = asked(world)
    approve.approve(order, world.bo)
    Membership.objects.filter(user=world.bo).delete()

    assert approve.approve(order, second_manager()).state == "requested"


@pytest.mark.parametrize(("usd", "risk"), [(1600.0, "266.50"), (-30.0, "0.00")])
def test_what_waking_may_cost_is_reckoned_at_the_price_of_now(usd, risk):
    """24 machines from 30 to 3,500 W for two hours: 0.16656 MWh."""
    world = market_world(usd)
    say(machines(world.c1), asleep=True)
    seen = preview(world.pecos, "wake", [device.pk for device in machines(world.c1)], hours=2)
    assert seen.risk_usd == Decimal(risk)


def test_within_the_site_s_limits_it_runs_by_itself_and_under_a_hold_not(world):
    CommandPolicy.objects.create(
        site=world.pecos, requester="console", mode="automatic", max_kw=100, max_hours=2, max_usd=Decimal(10)
    )
    NetworkReading.objects.create(
        observed_at="2026-11-21T00:00Z", source="x", difficulty=1, reward_sat=1, price_usd=1,
        hashprice_usd_per_ph_day=48.0,
    )  # fmt: skip
    two, rest = (tuple(d.pk for d in part) for part in (machines(world.c1)[:2], machines(world.c1)[2:]))
    alone = request(wanted(world, hours=1, device_ids=two, source="decision/7"), None)
    # 0.4 PH/s x 48 USD/PH/day x 1/24 day
    assert (alone.state, alone.is_automatic, alone.risk_usd) == ("approved", True, Decimal("0.80"))

    hold.press(uuid.uuid4(), world.ada, site=world.pecos)
    assert request(wanted(world, hours=1, device_ids=rest), None).state == "requested"


def test_the_console_only_advises_unless_the_site_lets_it(world):
    with pytest.raises(Refused, match="advise only"):
        request(wanted(world), None)


def test_refused_and_stopped_orders_take_their_unsent_commands_with_them(world):
    refused = asked(world, device_ids=tuple(d.pk for d in machines(world.c1)[:2]))
    approve.refuse(refused, world.bo, "too cold")
    stopped = approve.approve(asked(world), world.bo)
    Command.objects.filter(order=stopped, device=machines(world.c1)[0]).update(state="sent")
    approve.stop(stopped, world.ada, "enough")

    refused.refresh_from_db()
    assert (refused.state, refused.end_reason) == (
        "refused",
        "refused by ada@example.com: too cold".replace("ada", "bo"),
    )
    assert states(refused) == ["stopped"] * 2
    assert states(stopped) == ["sent", "stopped", "stopped", "stopped"]


def test_a_yes_said_again_after_another_refused_is_no_yes(world):
    order = asked(world)
    Order.objects.filter(pk=order.pk).update(approvals_needed=2)
    assert approve.approve(order, world.bo).state == "requested"
    approve.refuse(Order.objects.get(pk=order.pk), second_manager(), "too cold")
    with pytest.raises(Refused, match=r"it is refused by now \(refused by dora@example.com: too cold\)"):
        approve.approve(Order.objects.get(pk=order.pk), world.bo)


def test_who_comes_too_late_is_told_what_it_is_by_now(world):
    order = asked(world)
    approve.refuse(order, world.bo, "")
    with pytest.raises(Refused, match="refused by now"):
        approve.approve(Order.objects.get(pk=order.pk), second_manager())
    with pytest.raises(Refused, match="refused by now"):
        approve.stop(Order.objects.get(pk=order.pk), world.ada)


def test_a_machine_that_leaves_the_site_map_keeps_its_history(world):
    order = asked(world)
    Device.objects.filter(container=world.c1, slot=1).delete()
    assert list(order.commands.filter(device=None).values_list("place", flat=True)) == ["PECOS/C1/1"]


def test_every_step_is_in_the_chain_and_a_changed_one_is_found(world):
    approve.approve(asked(world), world.bo)
    steps = list(AuditEvent.objects.values_list("verb", "target", "actor"))
    order = Order.objects.get()

    assert [verb for verb, _, _ in steps] == ["order.requested", "order.approved"]
    assert {target for _, target, _ in steps} == {f"order/{order.pk}"}
    assert audit.verify().wrong is None


@pytest.mark.django_db(transaction=True)
def test_two_approvals_at_the_same_moment_are_both_counted(world):
    CommandPolicy.objects.create(site=world.pecos, requester="operator", two_person_above_kw=1)
    order = asked(world)
    people = [world.bo, second_manager()]

    in_threads(2, lambda: approve.approve(Order.objects.get(pk=order.pk), people.pop()))

    order.refresh_from_db()
    assert (order.state, states(order)) == ("approved", ["approved"] * 4)


@pytest.mark.django_db(transaction=True)
def test_ten_presses_of_one_button_are_one_order(world):
    again = wanted(world)
    keys = in_threads(10, lambda: request(again, world.ada).pk)
    assert len(set(keys)) == 1
    assert Command.objects.count() == 4
    assert AuditEvent.objects.filter(verb="order.requested").count() == 1
