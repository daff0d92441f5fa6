"""Asks one machine at once because a person wants to know, and says in a sentence what came of it."""

import time
from typing import Final

from cango_ops.base import leases
from compute.collector.read_now import read_devices
from compute.models import Device

PATIENCE_S: Final = 5.0
LEASE_S: Final = 15.0
BUSY: Final = "Somebody asks this machine right now."
SILENT: Final = f"No answer within {PATIENCE_S:.0f} s. The sweeps go on asking."


def ask(device: Device) -> str:
    """Empty where it answered. One question at a time: a machine that hangs is not asked by ten people at once."""
    with leases.held(f"read-now/{device.pk}", LEASE_S) as lease:
        if lease is None:
            return BUSY
        until = time.monotonic() + PATIENCE_S
        report = read_devices([device.pk], stop=lambda: time.monotonic() > until)
    return words(report)


def words(report: dict[str, object]) -> str:
    if report.get("answered"):
        return ""
    if report.get("not_asked"):
        return SILENT
    left_out = report.get("left_out")
    if isinstance(left_out, dict) and left_out:
        return f"It cannot be asked: {next(iter(left_out))}."
    failed = report.get("failed")
    if isinstance(failed, dict) and failed:
        return f"It did not answer: {next(iter(failed))}."
    return f"It was not read: {report.get('why', report['outcome'])}."
