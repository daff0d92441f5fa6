"""What the queries give to pages and API: frozen values, ready to print. Pure.

Absent is None. Times are aware and in UTC. A state is one of the six words of compute.models.State.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Numbers that add up over machines.

    devices: machines on the site map; reporting: of them, answered within the last sweeps. by_state: all six, gravest
    first. meter_power_w: what the site's meters say, None where one of them is silent.
    hashrate_ths, power_w: sums over the reporting machines that say it, None where none does.
    deployed_ths: nameplates of all machines. operating_ratio: hashrate / deployed, None where nothing is deployed.
    """

    devices: int = 0
    reporting: int = 0
    by_state: dict[str, int] = field(default_factory=dict)
    hashrate_ths: float | None = None
    deployed_ths: float = 0.0
    operating_ratio: float | None = None
    power_w: float | None = None
    meter_power_w: float | None = None
    gpus: int = 0
    gpus_reporting: int = 0
    gpu_utilisation_pct: float | None = None
    temp_max_c: float | None = None
    requests_running: float | None = None
    tokens_per_s: float | None = None
    observed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals(Sums):
    """A site or a container now. observed_at: its newest sample; swept_at: when it was last polled at all."""

    swept_at: datetime | None = None
    state: str = "unknown"
    reason: str = "never polled"
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetTotals(Sums):
    """Machines and nameplates of all sites; what is measured, and the ratio, of those alone that are live.

    by_site_state counts all sites, so a total can say "40 of 42 sites".
    """

    sites: int = 0
    sites_reporting: int = 0
    by_site_state: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Series:
    """Columns over time; point i covers [start_at[i], start_at[i] + resolution_s). A gap is None."""

    resolution_s: int
    start_at: list[datetime]
    columns: dict[str, list[float | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One place of a container's slot map with its newest sample; numbers of the other kind of machine are None."""

    device_id: int
    slot: int
    kind: str
    address: str
    model: str
    state: str
    reason: str
    since: datetime | None
    observed_at: datetime | None
    hashrate_ths: float | None = None
    board_temp_c: float | None = None
    chip_temp_c: float | None = None
    fan_rpm: float | None = None
    accepted: float | None = None
    rejected: float | None = None
    utilisation_pct: float | None = None
    memory_used_mib: float | None = None
    gpu_temp_c: float | None = None
    requests_running: float | None = None
    tokens_total: float | None = None
    gpus_reporting: float | None = None
    power_w: float | None = None
    uptime_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Last:
    """All that is known of one machine.

    sample: the eight numbers of its kind by name, of `observed_at`. reading: everything it said at its last
    inspection, overlaid with what later polls said, of `reading_at`. identity: vendor, model_reported, firmware, mac,
    serial, empty where unknown.
    """

    device_id: int
    kind: str
    sample: dict[str, float | None]
    observed_at: datetime | None
    reading: dict[str, Any] | None
    reading_at: datetime | None
    state: str
    reason: str
    since: datetime | None
    identity: dict[str, str]
