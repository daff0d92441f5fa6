"""Orders under a hold: what is not on the wire yet stays here."""

import threading
import time
import uuid
from datetime import timedelta

import pytest

from cango_ops.base import leases
from cango_ops.base.clock import database_now
from compute.commands import claim, hold, send, sending
from compute.models import Order
from tests.compute.commands.senders import heard, ordered, run, run_and_close
from tests.compute.commands.worlds import states

pytestmark = pytest.mark.django_db(transaction=True)


def test_nothing_leaves_under_a_hold_and_it_goes_on_when_lifted(pecos, estate):
    devices = heard(pecos, estate.put(pecos.c1, 5))
    order = ordered(pecos, devices)
    placed = hold.press(uuid.uuid4(), pecos.ada, site=pecos.pecos)

    run()
    assert (set(states(order)), estate.entries()) == ({"approved"}, [])

    hold.lift(placed, pecos.bo)
    run()
    assert set(states(order)) == {"acknowledged"}


def test_a_person_may_still_act_under_a_hold_by_an_approval_given_since(pecos, estate):
    devices = heard(pecos, estate.put(pecos.c1, 2))
    hold.press(uuid.uuid4(), pecos.bo)
    order = ordered(pecos, devices)
    run()
    assert set(states(order)) == {"acknowledged"}


def test_an_automatic_order_stays_where_it_is_under_a_hold_whoever_approves_it(pecos, estate):
    devices = heard(pecos, estate.put(pecos.c1, 2))
    hold.press(uuid.uuid4(), pecos.bo)
    order = ordered(pecos, devices)
    Order.objects.update(is_automatic=True)
    run()
    assert set(states(order)) == {"approved"}


def test_a_hold_pressed_while_machines_are_made_ready_keeps_the_bytes_back(pecos, estate):
    devices = heard(pecos, estate.put(pecos.c1, 5, ("luxos",)))
    order = ordered(pecos, devices)
    lease = leases.take(sending.LEASE, 15)
    claim.open_waves(lease)
    jobs = claim.claim(lease, 10)
    assert len(jobs) == 5

    hold.press(uuid.uuid4(), pecos.ada, site=pecos.pecos)

    assert send.mark_sent(jobs, lease) == set()
    claim.give_back(jobs, lease)
    assert set(states(order)) == {"approved"}


def test_a_hold_in_the_middle_of_an_order_stops_it_without_redis(pecos, estate, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    devices = heard(pecos, estate.put(pecos.c1, 200))
    order = ordered(pecos, devices, wave_size=5)
    sender = threading.Thread(target=run_and_close)
    sender.start()
    while len(estate.entries()) < 5 and sender.is_alive():
        time.sleep(0.01)

    hold.press(uuid.uuid4(), pecos.ada, site=pecos.pecos)
    held_at = database_now()
    sender.join(60)

    assert "approved" in states(order)
    # The statement that was under way when the hold was committed may have been a moment behind.
    assert not order.commands.filter(sent_at__gt=held_at + timedelta(seconds=1)).exists()
    assert len(estate.entries()) == order.commands.exclude(sent_at=None).count()
