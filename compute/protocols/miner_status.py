"""/cgi-bin/get_miner_status.cgi, the status page of older Antminer firmware, of Hiveon, VNish 3 and VolcMiner. Pure.

Its numbers are strings, with thousands commas; its rates are named ghs5s whatever they count, so the caller says the
unit. Fans stand beside the boards or, the same on each, in them.
"""

from typing import Any

from cango_ops.wire import Garbled
from compute.protocols import cgminer, fields
from compute.protocols.cgminer import Reply
from compute.protocols.reading import Board, Reading
from compute.protocols.trees import pools_of, silent

FANS = range(1, 17)
MARK = b'"ghs5s"'


def read(tree: Reply, unit: str) -> Reading:
    """The reading. Raises Garbled."""
    summary = fields.table(tree.get("summary"))
    if not summary:
        raise Garbled("no summary")
    hashrate, uptime = fields.ths(summary.get("ghs5s"), unit), fields.seconds(summary.get("elapsed"))
    rows = fields.rows(tree.get("devs"), 16)
    return Reading(
        uptime_s=uptime,
        state=cgminer.state_of(hashrate, uptime),
        hashrate_ths=hashrate,
        power_w=fields.total([fields.watts(row.get("chain_consumption")) for row in rows]) or None,
        fans_rpm=next((fans for row in (tree, *rows[:1]) if (fans := fans_of(row))), None),
        boards=[_board(place, row, unit) for place, row in enumerate(rows)] or None,
        pools=pools_of(fields.rows(tree.get("pools"), 16), silent),
    )


def fans_of(row: Reply) -> list[int]:
    """The fans that turn, with what stands between them; sockets before and behind are empty."""
    speeds = [fields.rpm(row[key]) for at in FANS if (key := f"fan{at}") in row]
    there = [speed for speed in speeds if speed is not None]
    while there and there[0] == 0 and any(there):
        there = there[1:]
    return fields.without_unused_fans(there)


def maps_of(tree: Reply) -> list[tuple[int, str]]:
    """The map of chips of each board."""
    return [(at, str(row.get("chain_acs", ""))) for at, row in enumerate(fields.rows(tree.get("devs"), 16))]


def _board(place: int, row: Reply, unit: str) -> Board:
    slot = fields.count(row.get("index"))
    return Board(
        slot=place if slot is None else slot,
        hashrate_ths=fields.ths(row.get("chain_rate", row.get("rate")), unit),
        temperature_c=_warmest(row.get("temp")),
        chip_temperature_c=_warmest(row.get("temp2")),
        chips=fields.count(row.get("chain_acn")),
    )


def _warmest(said: Any) -> float | None:
    return fields.highest([fields.celsius(value) for value in (said[:16] if isinstance(said, list) else [said])])
