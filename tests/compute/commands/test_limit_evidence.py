"""What shows that a machine took its power limit: its power, and that it works."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from compute.commands.evidence import NO, NOTHING, YES, Told, said
from compute.telemetry.answers import Cell

SENT = datetime(2026, 7, 1, 12, tzinfo=UTC)
LOWERED = Told("power_limit", 2450, SENT, nameplate_w=3500.0, nameplate_ths=200.0, before_w=3500.0)
RAISED = replace(LOWERED, limit_w=3675, before_w=2400.0)


def seen(told, power_w, hashrate_ths=160.0):
    cell = Cell(
        device_id=1, slot=1, kind="asic", address="", model="", state="ok", reason="", since=None,
        observed_at=SENT + timedelta(minutes=3), hashrate_ths=hashrate_ths, power_w=power_w,
    )  # fmt: skip
    return said(told, cell).says


def test_a_lowered_limit_is_kept_by_a_machine_that_works_within_it():
    assert [seen(LOWERED, watts) for watts in (3500.0, 2600.0, 2550.0, 2400.0)] == [NO, NO, YES, YES]
    assert seen(LOWERED, 30.0, 0.0) == NOTHING


def test_a_raised_limit_shows_once_the_power_is_halfway_up():
    # From 2,400 W to 3,500 W: 2,950 W.
    assert [seen(RAISED, watts) for watts in (2400.0, 2940.0, 2960.0, 3500.0)] == [NO, NO, YES, YES]
