"""Relatives of cgminer without a language of their own: Innosilicon, StrongU, MinerVa, iBeLink, BW and others.

They answer summary, devs, pools, version and stats; where `devs` is missing or poor, the rows of `stats` tell of the
boards: one row a chain, or on Innosilicon a section a chain (STATS0, STATS1). Source: recorded answers.
"""

import re
from typing import Any, ClassVar

from compute.protocols import cgminer, fields
from compute.protocols.cgminer import Reply, first, rate_ths, section
from compute.protocols.cgminer_joined import joined
from compute.protocols.reading import Board, Reading, ReadingTalk
from compute.protocols.talk import Talk

_STATS = re.compile(r"STATS\d{1,2}")
_FAN = re.compile(r"fan ?\d{1,2}(?: (?:speed|rpm))?|fan (?:(?:speed|rpm) ?)?(?:in|out)?", re.IGNORECASE)
CHIPS = ("Num active chips", "Num chips", "Chip Count", "ok_chips", "ChipNum")
HEATS = ("Temp max", "temp_now_max", "Temp", "Temp Avg")
# Without "av": a chain that tells nothing else writes there what it should do, the same on every chain.
MEASURED = ("1m", "5m", "15m", "30m", "30s", "20s", "5s")
# Programs that count solutions of Equihash under the names of hashes.
NO_HASHES = ("innominer a9",)


class Cgminer:
    """Any relative that no other language here knows."""

    name: ClassVar[str] = "cgminer"
    port: ClassVar[int] = cgminer.PORT

    def poll(self, join: bool = True) -> ReadingTalk:
        return self._read(("summary", "devs"), join=join)

    def inspect(self) -> ReadingTalk:
        return self._read(("summary", "devs", "pools", "version", "devdetails", "stats"), whole=True)

    def _read(self, commands: tuple[str, ...], *, join: bool = True, whole: bool = False) -> ReadingTalk:
        talk = Talk()
        extras = frozenset(("devdetails", "stats", "devs"))
        parts = yield from joined(talk, commands, join=join, optional=extras, whole=whole)
        return talk.finish(parse(parts))


def parse(parts: dict[str, Reply]) -> Reading:
    """A reading of what replies there are."""
    summary, version = first(parts.get("summary"), "SUMMARY"), first(parts.get("version"), "VERSION")
    details, devs = first(parts.get("devdetails"), "DEVDETAILS"), parts.get("devs")
    stats = stats_rows(parts.get("stats"))
    boards = cgminer.parse_devs(devs) or boards_of_chains(stats)
    add_chains(boards or [], stats)
    hashrate = cgminer.steady_ths(summary)
    if hashrate is None and boards:
        hashrate = fields.total([board.hashrate_ths for board in boards])
    uptime = fields.seconds(summary.get("Elapsed"))
    reading = Reading(
        model=cgminer.model_of(version, details, *stats[:1], first(devs, "DEVS")),
        firmware=cgminer.firmware_of(version) or cgminer.firmware_of(stats[0] if stats else {}),
        mac=fields.mac(version.get("MAC", summary.get("MAC", summary.get("macaddress")))),
        uptime_s=uptime,
        state=cgminer.state_of(hashrate, uptime),
        hashrate_ths=hashrate,
        expected_hashrate_ths=fields.ths(summary.get("Factory GHS"), "GH"),
        power_w=fields.watts(summary.get("Power")),
        power_limit_w=fields.watts(summary.get("Power Limit")),
        fans_rpm=fans_of([*stats, summary]),
        boards=boards,
        pools=cgminer.parse_pools(parts.get("pools")),
        errors=cgminer.faults_of_devs(devs) if devs else None,
        notes=[note for reply in parts.values() for note in fields.sequence(reply.get("notes"))],
    )
    return without_rates(reading) if _counts_solutions(parts) else reading


def _counts_solutions(parts: dict[str, Reply]) -> bool:
    said = (fields.text(first(reply, "STATUS").get("Description")) for reply in parts.values())
    return any(words.lower().startswith(NO_HASHES) for words in said if words)


def without_rates(reading: Reading) -> Reading:
    """The reading of a machine that counts solutions (Equihash), not hashes."""
    reading.hashrate_ths = reading.expected_hashrate_ths = None
    for board in reading.boards or []:
        board.hashrate_ths = None
    reading.notes = [*reading.notes, "its rates are solutions of Equihash, not hashes"]
    return reading


def stats_rows(reply: Reply | None) -> list[Reply]:
    """The rows of `stats`, be they in one section or in a section a chain."""
    rows = section(reply, "STATS")
    return rows or [row for key in list(reply or {}) if _STATS.fullmatch(key) for row in section(reply, key)]


def _chain(row: Reply) -> int | None:
    """The number of the chain that a row of `stats` tells of; None for the rows of pools and drivers."""
    said = row.get("Chain ID", row.get("slot"))
    if said is None and any(key in row for key in CHIPS):
        said = row.get("STATS")
    return fields.count(said)


def boards_of_chains(stats: list[Reply]) -> list[Board] | None:
    """A board for each chain of `stats`."""
    found = [(at, row) for row in stats[:64] if (at := _chain(row)) is not None]
    return [Board(slot=at, hashrate_ths=rate_ths(row, MEASURED)) for at, row in found] or None


def add_chains(boards: list[Board], stats: list[Reply]) -> None:
    """Chips and heat that Innosilicon and its kin tell in `stats`, one row per chain."""
    chains = {at: row for row in stats if (at := _chain(row)) is not None}
    for board in boards:
        row = chains.get(board.slot, {})
        board.chips = next((n for key in CHIPS if (n := fields.count(row.get(key))) is not None), board.chips)
        heats = (fields.celsius(row.get(key)) for key in HEATS)
        board.temperature_c = board.temperature_c or next((heat for heat in heats if heat is not None), None)


def fans_of(found: list[Reply]) -> list[int] | None:
    """The fans of the first row that tells of any: fan1, Fan0 Speed, Fan1 rpm, Fan In, Fan Speed Out."""
    for row in found:
        speeds = [fields.rpm(item) for key, item in row.items() if _is_fan(key, item)]
        there = [speed for speed in speeds if speed is not None]
        if there:
            return fields.without_unused_fans(there)
    return None


def _is_fan(key: str, item: Any) -> bool:
    return isinstance(item, int | float | str) and key[:3].lower() == "fan" and _FAN.fullmatch(key) is not None
