"""Back-tests of a site's stored prices: what the past is made of, who may ask, and what becomes of a killed worker."""

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np
import pytest

from cango_ops.base import clock, leases
from cango_ops.base.models import AuditEvent, Lease
from compute.models import Backtest
from compute.replays import ask, run
from compute.replays.ask import BacktestRefused, Wish
from compute.replays.past import first_clock, frozen, of_file, thawed
from compute.replays.stored import NoPast, stored
from compute.replays.told import told
from compute.switching.case import BadCase
from sites.models import Battery, MarketPrice, PowerContract
from tests.base.threads import in_threads
from tests.compute.backtest.worlds import small_site
from tests.compute.replays.worlds import asked, begin_of, last_days, past_world

pytestmark = pytest.mark.django_db
CASE = Path(__file__).parents[2] / "cases" / "backtest"
S = Backtest.State


@pytest.fixture
def world():
    return past_world()


def nobody_asks(done: int, of: int) -> None:
    pass


# The past


def test_a_past_is_the_contracts_price_of_each_hour(world):
    past = stored(world.pecos, *last_days(), clock.now())

    history = past.history
    assert history.truth.steps == 72
    assert list(history.real_time_usd_mwh[17:22]) == [20.0, 400.0, 400.0, 400.0, 20.0]
    assert np.array_equal(history.day_ahead_usd_mwh, history.real_time_usd_mwh)
    assert set(history.truth.hashprice_usd_per_ph_day) == {40.0}
    assert [unit.count for unit in history.truth.units] == [24]
    assert past.begin_local.hour == 0


def test_hours_without_a_price_are_left_out_and_said(world):
    at = begin_of(last_days()[0])
    MarketPrice.objects.filter(
        index="real_time", start_at__in=[at + timedelta(hours=4), at + timedelta(hours=5)]
    ).delete()
    MarketPrice.objects.filter(index="day_ahead", start_at=at + timedelta(hours=19)).delete()

    past = stored(world.pecos, *last_days(), clock.now())

    assert past.history.truth.steps == 70
    assert list(past.history.clock_h[3:5]) == [3.0, 6.0]
    assert past.history.day_ahead_usd_mwh[17] == 400.0  # held from the hour before
    assert "2 hours have no price and are left out" in past.notes
    assert "1 hours have no day-ahead price: the last holds" in past.notes


def test_a_time_of_use_contract_needs_no_market(world):
    evening = {"name": "evening", "usd_per_mwh": "300", "when": {"begin": "18:30:00", "end": "21:00:00"}}
    terms = {"periods": [evening, {"name": "day", "usd_per_mwh": "30"}]}
    PowerContract.objects.filter(site=world.pecos).update(kind="tou", market="", terms=terms)

    history = stored(world.pecos, *last_days(), clock.now()).history

    assert list(history.real_time_usd_mwh[17:20]) == [30.0, 165.0, 300.0]


def test_energy_that_may_be_sold_brings_less_than_it_costs(world):
    PowerContract.objects.filter(site=world.pecos).update(
        price_usd_per_mwh=4, terms={"export": {"index": "real_time", "usd_per_mwh": "-3", "limit_mw": "5"}}
    )
    truth = stored(world.pecos, *last_days(), clock.now()).history.truth

    assert truth.grid.export_limit_mw == 5.0
    assert (truth.grid.import_price_usd_mwh[0], truth.grid.export_price_usd_mwh[0]) == (24.0, 17.0)


@pytest.mark.parametrize(("days", "words"), [(0, "from a day to"), (400, "from a day to")])
def test_too_long_or_too_short_a_past_is_refused(world, days, words):
    last = last_days()[1]
    with pytest.raises(NoPast, match=words):
        stored(world.pecos, last - timedelta(days=days - 1), last, clock.now())


def test_a_site_that_was_never_planned_has_no_machines_to_run(world):
    with pytest.raises(NoPast, match="never planned"):
        stored(world.ghost, *last_days(), clock.now())


def test_a_past_is_kept_to_the_last_bit(world):
    history = stored(world.pecos, *last_days(), clock.now()).history
    again = thawed(frozen(history))
    assert np.array_equal(again.real_time_usd_mwh, history.real_time_usd_mwh)
    assert frozen(again) == frozen(history)


def test_a_file_is_a_past_with_its_own_clock():
    past = of_file((CASE / "west-2024.json").read_bytes(), (CASE / "west-2024.csv").read_bytes(), "west-2024.json")
    assert (past.history.truth.steps, past.begin_local) == (8614, datetime(2024, 1, 1, tzinfo=UTC))


def test_what_a_file_does_not_hold_is_said():
    head = "hour_start_local,day_ahead_usd_mwh,real_time_usd_mwh,hashprice_usd_per_ph_day,demand"
    rows = ["2024-01-01T00:00,20,20,50,1", "2024-01-01T01:00,20,,50,1", "2024-01-01T02:00,,30,50,1"]
    past = of_file(msgspec.json.encode(small_site()), "\n".join([head, *rows]).encode(), "small.json")
    assert past.history.truth.steps == 2
    assert past.notes == ("1 hours have no price and are left out", "1 values of day_ahead_usd_mwh are held")


def test_a_bad_file_is_one_error():
    with pytest.raises(BadCase, match="no UTF-8"):
        of_file((CASE / "west-2024.json").read_bytes(), b"\xff\xfe\x00", "x")
    with pytest.raises(BadCase):
        of_file(b"{", b"a,b", "x")


def test_the_first_hour_with_a_price_is_the_beginning():
    head = "hour_start_local,real_time_usd_mwh\n"
    assert first_clock(head + "2024-01-01T00:00,\n2024-01-01T01:00,3\n") == datetime(2024, 1, 1, 1, tzinfo=UTC)


# What came of it


def test_a_strike_price_stops_in_the_dear_hours_and_everything_on_does_not(world):
    past = stored(world.pecos, *last_days(), clock.now())
    on, strike = (told(past.history, name, 0, past.begin_local, nobody_asks) for name in ("always", "threshold"))

    assert on["starts"] == 0
    assert strike["starts"] == 72  # 24 machines after each of three evenings
    assert on["mwh"]["mining"] == pytest.approx(72 * 0.0882, rel=1e-3)
    assert strike["mwh"]["mining"] == pytest.approx(63 * 0.0882, rel=1e-3)
    assert strike["total_usd"] > on["total_usd"] + 9 * 0.0882 * 200
    assert on["broken"] == strike["broken"] == []


def test_months_add_up_to_the_whole(world):
    Battery.objects.create(site=world.pecos, capacity_mwh=2, charge_mw=1, discharge_mw=1)
    past = stored(world.pecos, *last_days(), clock.now())
    found = told(past.history, "merit", 0, datetime(2026, 1, 31, tzinfo=UTC), nobody_asks)

    assert [month["month"] for month in found["months"]] == ["2026-01", "2026-02"]
    assert sum(month["usd"] for month in found["months"]) == pytest.approx(found["total_usd"], abs=0.02)
    assert sum(month["mwh"]["bought"] for month in found["months"]) == pytest.approx(found["mwh"]["bought"], abs=0.01)


# The job


def test_a_back_test_runs_to_its_end_and_says_what_each_policy_earned(world):
    backtest = asked(world, "merit", "always", "mpc", "threshold")
    assert run.run_open() == 1

    backtest.refresh_from_db()
    assert (backtest.state, backtest.position, backtest.steps) == (S.DONE, 288, 288)
    assert backtest.policies == ["always", "threshold", "merit", "mpc"]
    earned = {name: result["total_usd"] for name, result in backtest.results.items()}
    assert earned["mpc"] >= earned["merit"] * 0.999
    assert earned["merit"] >= earned["threshold"] > earned["always"]
    assert run.run_open() == 0


def test_asked_twice_it_is_one(world):
    past = stored(world.pecos, *last_days(), clock.now())
    wish = Wish(uuid.uuid4(), ("merit",))
    first, second = (ask.ask_for(world.bo, world.pecos, wish, past) for _ in range(2))
    assert first == second
    assert AuditEvent.objects.filter(verb="backtest.asked").count() == 1
    with pytest.raises(BacktestRefused, match="running already"):
        ask.ask_for(world.bo, world.pecos, Wish(uuid.uuid4(), ("merit",)), past)


@pytest.mark.django_db(transaction=True)
def test_asked_twice_at_once_it_is_one(world):
    past, wish = stored(world.pecos, *last_days(), clock.now()), Wish(uuid.uuid4(), ("merit",))

    asked_for = in_threads(4, lambda: ask.ask_for(world.bo, world.pecos, wish, past).pk)

    assert asked_for == [Backtest.objects.get().pk] * 4


def test_who_only_operates_the_site_may_not_ask(world):
    past = stored(world.pecos, *last_days(), clock.now())
    with pytest.raises(BacktestRefused, match="role"):
        ask.ask_for(world.ada, world.pecos, Wish(uuid.uuid4(), ("merit",)), past)


@pytest.mark.parametrize(
    "wish", [Wish(uuid.uuid4(), ()), Wish(uuid.uuid4(), ("best",)), Wish(uuid.uuid4(), ("merit",), 25)]
)
def test_what_no_policy_can_do_is_refused(world, wish):
    with pytest.raises(BacktestRefused):
        ask.ask_for(world.bo, world.pecos, wish, stored(world.pecos, *last_days(), clock.now()))


def test_one_that_was_stopped_keeps_what_it_has(world):
    backtest = asked(world, "always", "merit")
    Backtest.objects.update(state=S.RUNNING)
    run.Turn(backtest, leases.take(run.LEASE, 30))._keep("always", {"total_usd": 1.0})
    assert ask.stop(world.bo, backtest)
    assert not ask.stop(world.bo, backtest)

    assert run.run_open() == 0
    backtest.refresh_from_db()
    assert backtest.state == S.STOPPED


def test_a_stop_in_the_middle_of_a_policy_ends_it(world):
    backtest = asked(world, "merit")
    turn = run.Turn(backtest, leases.take(run.LEASE, 30))
    Backtest.objects.update(state=S.STOPPED)
    with pytest.raises(run.Stopped):
        turn._tell(50, 72)


def test_only_one_worker_runs_back_tests(world):
    backtest = asked(world, "merit")
    lease = leases.take(run.LEASE, 30)
    assert run.run_open() == 0
    leases.release(lease)
    assert run.run_open() == 1
    backtest.refresh_from_db()
    assert backtest.state == S.DONE


def test_after_a_killed_worker_the_policies_that_ended_are_not_run_again(world):
    backtest = asked(world, "always", "merit")
    Backtest.objects.update(state=S.RUNNING, results={"always": {"total_usd": 7.0}}, position=72, turns=1)
    run.run_open()

    backtest.refresh_from_db()
    assert backtest.state == S.DONE
    assert backtest.results["always"] == {"total_usd": 7.0}
    assert backtest.position == 144


def test_a_policy_that_ends_its_worker_three_times_is_given_up(world):
    backtest = asked(world, "merit")
    Backtest.objects.update(state=S.RUNNING, turns=3)
    run.run_open()

    backtest.refresh_from_db()
    assert (backtest.state, backtest.words) == (
        S.FAILED,
        "RuntimeError: policy merit was begun 3 times and never ended",
    )


def test_a_worker_whose_lease_ran_out_writes_nothing(world):
    backtest = asked(world, "merit")
    turn = run.Turn(backtest, leases.take(run.LEASE, 30))
    Lease.objects.update(epoch=99)
    with pytest.raises(leases.LeaseLost):
        turn.run()
    backtest.refresh_from_db()
    assert (backtest.state, backtest.results) == (S.RUNNING, {})
