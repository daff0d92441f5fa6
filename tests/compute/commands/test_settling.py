"""How long machines take to settle: seen in their power, kept by language, waited for."""

import uuid

import pytest

from compute.commands import settling
from compute.commands.settling import settled_s
from compute.models import Command, Device, Order, Settling
from tests.compute.commands.test_sending import moment
from tests.compute.commands.worlds import asked, heard_world

AFTER_WAKE = [30.0, 200.0, 900.0, 2100.0, 3000.0, 3450.0] + [3500.0] * 14


def test_a_machine_has_settled_from_the_minute_on_in_which_its_power_stays():
    assert settled_s(AFTER_WAKE) == 300.0  # 3,450 W are within a twentieth of 3,500
    assert settled_s([3500.0] + [25.0] * 19) == 60.0
    assert settled_s([30.0] * 20) == 0.0


@pytest.mark.parametrize("watts", [[None] * 20, [3500.0] * 6 + [None] * 14, [100.0 * at for at in range(20)]])
def test_what_was_not_seen_or_never_rests_has_no_time(watts):
    assert settled_s(watts) is None


@pytest.fixture
def order(db) -> Order:
    made = asked(heard_world())
    Order.objects.update(state="done", ended_at=moment(-1300))
    Command.objects.update(state="confirmed", sent_at=moment(-1500))
    return made


def test_before_orders_were_measured_the_makers_word_holds(order):
    wait = settling.wait_for(order)
    assert (wait.seconds, wait.words) == (
        60.0,
        "machines may take 60 s by their makers' word, too few orders were measured",
    )


def test_nine_of_ten_measured_orders_had_settled_by_then(order):
    for seconds in (60.0, 120.0, 120.0, 180.0, None):
        other = asked_again(order)
        Settling.objects.create(
            order=other, language="antminer", seconds=seconds, machines=4, measured_at=moment(-3600)
        )

    wait = settling.wait_for(order)

    assert wait.seconds == pytest.approx(162.0)
    assert wait.words == "antminer machines settle in 162 s, measured on 4 orders"


def asked_again(order: Order) -> Order:
    other = Order.objects.get(pk=order.pk)
    other.pk, other.request_id = None, uuid.uuid4()
    other.save(force_insert=True)
    return other


def test_an_order_is_measured_once_by_language_when_it_was_watched_long_enough(order):
    Device.objects.filter(pk=order.commands.first().device_id).update(language="braiins")

    assert settling.measure(moment(0)) == 2
    assert settling.measure(moment(0)) == 0

    assert sorted(order.settlings.values_list("language", "machines")) == [("antminer", 3), ("braiins", 1)]


def test_an_order_that_was_not_watched_long_enough_is_not_measured_yet(order):
    Command.objects.update(sent_at=moment(-1000))
    assert settling.measure(moment(0)) == 0
