"""The meters of a site against what its machines say. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from compute.telemetry.answers import Totals
from compute.web.freshness import is_fresh
from sites.metering.queries import of_meters
from sites.models import Meter


@dataclass(frozen=True)
class MeterView:
    """One meter now. power_w: None where what it said is not live any more."""

    name: str
    power_w: float | None
    observed_at: datetime | None
    state: str
    reason: str
    since: datetime | None


@dataclass(frozen=True)
class Metered:
    """power_w: all meters together, None where one is not live; then `reason` says which."""

    meters: tuple[MeterView, ...]
    power_w: float | None
    machines_w: float | None
    reason: str

    @property
    def difference_w(self) -> float | None:
        return None if self.power_w is None or self.machines_w is None else self.power_w - self.machines_w

    @property
    def over_machines(self) -> float | None:
        """As a share of what the machines say."""
        return self.difference_w / self.machines_w if self.difference_w is not None and self.machines_w else None


def metered(meters: Sequence[Meter], totals: Totals, now: datetime) -> Metered:
    together = of_meters(meters, now)
    return Metered(tuple(view(meter, now) for meter in meters), together.power_w, totals.power_w, together.reason)


def view(meter: Meter, now: datetime) -> MeterView:
    fresh = is_fresh(meter.observed_at, now)
    state, reason, since = "ok", "", None
    if meter.failing_since:
        state, reason, since = "critical", meter.failing_reason, meter.failing_since
    elif not meter.observed_at:
        state, reason = "unknown", "never read"
    elif not fresh:
        state, reason, since = "stale", "not read", meter.observed_at
    return MeterView(meter.name, meter.power_w if fresh else None, meter.observed_at, state, reason, since)
