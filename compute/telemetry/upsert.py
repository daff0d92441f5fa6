"""Rows into a table in one statement: arrays in, INSERT ... ON CONFLICT DO UPDATE. The shapes of the tables written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from compute.telemetry import rollup
from compute.telemetry.database import Statements


@dataclass(frozen=True)
class Upsert:
    """columns: name -> type. merged: columns that a conflict sets to something else than the new value.

    wide: rows hold frames. They go as single parameters, because unnest() of bytea[] costs the server three times as
    much; narrow rows go as arrays, one a column.
    """

    table: str
    key: tuple[str, ...]
    columns: Mapping[str, str]
    merged: Mapping[str, str] = field(default_factory=dict)
    wide: bool = False

    def statement(self, rows: int) -> str:
        return f"INSERT INTO {self.table} AS old ({', '.join(self.columns)}) {self.source(rows)} {self.conflict}"

    def source(self, rows: int) -> str:
        if self.wide:
            row = ", ".join(f"%s::{kind}" for kind in self.columns.values())
            return "VALUES " + ", ".join([f"({row})"] * rows)
        arrays = ", ".join(f"%s::{kind}[]" for kind in self.columns.values())
        return f"SELECT * FROM unnest({arrays})"  # noqa: S608

    @cached_property
    def conflict(self) -> str:
        rest = [name for name in self.columns if name not in self.key]
        changes = ", ".join(f"{name} = {self.merged.get(name, f'excluded.{name}')}" for name in rest)
        return f"ON CONFLICT ({', '.join(self.key)}) DO UPDATE SET {changes}"

    def run(self, sql: Statements, rows: Sequence[Mapping[str, Any]]) -> None:
        if not rows:
            return
        if self.wide:
            values = [row[name] for row in rows for name in self.columns]
        else:
            values = [[row[name] for row in rows] for name in self.columns]
        sql.run(self.statement(len(rows)), values)

    def copy(self, sql: Statements, rows: Sequence[Mapping[str, Any]]) -> None:
        """For rows of which none is there yet: the cheapest way in."""
        if rows:
            statement = f"COPY {self.table} ({', '.join(self.columns)}) FROM STDIN (FORMAT BINARY)"
            sql.copy(statement, list(self.columns.values()), [[row[name] for name in self.columns] for row in rows])


HOT = Upsert(
    "telemetry_hot",
    ("container_id", "kind", "minute_at"),
    {"container_id": "bigint", "kind": "smallint", "minute_at": "timestamptz", "frame": "bytea"},
    wide=True,
)
CURRENT = Upsert(
    "telemetry_current",
    ("container_id", "kind"),
    {"container_id": "bigint", "kind": "smallint", "first_at": "timestamptz", "frame": "bytea", "health": "bytea"},
    wide=True,
)
DETAIL = Upsert(
    "telemetry_detail",
    ("container_id",),
    {"container_id": "bigint", "written_at": "timestamptz", "body": "bytea"},
    wide=True,
)
SINCE = "CASE WHEN old.state = excluded.state THEN old.since ELSE excluded.since END"
COUNTS = ("devices", "reporting", "ok", "warning", "critical", "maintenance", "unknown", "gpus")
SUMS = (
    "deployed_ths", "awake_ths", "hashrate_ths", "power_w", "temp_max_c", "gpus_reporting", "gpu_busy",
    "requests_running", "tokens_per_s",
)  # fmt: skip
TOTALS = Upsert(
    "telemetry_totals",
    ("container_id",),
    {
        "container_id": "bigint",
        "site_id": "bigint",
        "swept_at": "timestamptz",
        "observed_at": "timestamptz",
        **dict.fromkeys(COUNTS, "integer"),
        **dict.fromkeys(SUMS, "double precision"),
        "state": "text",
        "reason": "text",
        "since": "timestamptz",
    },
    {"since": SINCE},
)
SITE = Upsert(
    "telemetry_site",
    ("site_id",),
    {"site_id": "bigint", "swept_at": "timestamptz", "state": "text", "reason": "text", "since": "timestamptz"},
    {"since": SINCE, "swept_at": "greatest(old.swept_at, excluded.swept_at)"},
)
ROLLUP = Upsert(
    "telemetry_rollup",
    ("resolution_s", "scope", "scope_id", "start_at"),
    {
        "resolution_s": "integer",
        "scope": "smallint",
        "scope_id": "bigint",
        "start_at": "timestamptz",
        **dict.fromkeys(rollup.COUNTS, "integer"),
        **dict.fromkeys((*rollup.SUMS, *rollup.HIGHEST), "double precision"),
    },
)
DIRTY = Upsert(
    "telemetry_dirty",
    ("site_id", "hour_at"),
    {"site_id": "bigint", "hour_at": "timestamptz", "rolled_up": "boolean"},
)

CONTAINER, SITE_SCOPE = 1, 2
_sums = [
    "1",
    *(f"sum({name})" for name in (*rollup.COUNTS[1:], *rollup.SUMS)),
    *(f"max({name})" for name in rollup.HIGHEST),
]
SITE_MINUTES = f"""
INSERT INTO telemetry_rollup (resolution_s, scope, scope_id, start_at, {", ".join(rollup.COLUMNS)})
SELECT 60, {SITE_SCOPE}, %s, start_at, {", ".join(_sums)}
FROM telemetry_rollup
WHERE resolution_s = 60 AND scope = {CONTAINER} AND scope_id = ANY(%s::bigint[]) AND start_at = ANY(%s::timestamptz[])
GROUP BY start_at
ON CONFLICT (resolution_s, scope, scope_id, start_at)
DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in rollup.COLUMNS)}
"""  # noqa: S608

IDENTITY = ("vendor", "model_reported", "firmware", "mac", "serial")
# A poll that does not say it leaves it as it was.
_limit = "coalesce(excluded.power_limit_w, now.power_limit_w)"
_kept = {name: f"coalesce(nullif(excluded.{name}, ''), now.{name})" for name in IDENTITY}
_changes = {"state": "excluded.state", "reason": "excluded.reason", **_kept, "power_limit_w": _limit}
DEVICES_NOW = f"""
INSERT INTO compute_devicenow AS now (
    device_id, site_id, state, reason, since, {", ".join(IDENTITY)}, power_limit_w, limit_since
)
SELECT device.id, device.site_id, state, reason, since, {", ".join(f"said.{name}" for name in IDENTITY)},
    nullif(said.power_limit_w, '')::integer, since
FROM unnest(%s::bigint[], %s::timestamptz[], {", ".join(["%s::text[]"] * 8)})
    AS said (device_id, since, state, reason, {", ".join(IDENTITY)}, power_limit_w)
JOIN compute_device AS device ON device.id = said.device_id
ORDER BY device.id
ON CONFLICT (device_id) DO UPDATE
SET {", ".join(f"{name} = {value}" for name, value in _changes.items())},
    since = CASE WHEN now.state = excluded.state AND now.since IS NOT NULL THEN now.since ELSE excluded.since END,
    limit_since = CASE WHEN now.power_limit_w IS NOT DISTINCT FROM {_limit} THEN now.limit_since
        ELSE excluded.since END
WHERE ({", ".join(f"now.{name}" for name in _changes)}) IS DISTINCT FROM ({", ".join(_changes.values())})
"""  # noqa: S608
