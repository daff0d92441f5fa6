"""Canaan Avalon (cgminer 4.11 with `MM ID0`) on TCP 4028.

The state of the machine is one string: `Key[value] Key[v v v]`, where values may hold blanks, colons and commas.
Newer firmware writes `MM ID0:Summary` and puts the boards into `HBinfo`; where `stats` is empty `litestats` is not.
Source: recorded answers of A1246, Q and Nano 3S; docs/protocols.md.
"""

import re
from typing import Any, ClassVar

from cango_ops.wire import Garbled
from compute.protocols import catalog, cgminer, fields
from compute.protocols.avalon_facts import MAX_STATE_TEXT, Facts, facts_of, model_of, numbers, one, power_of
from compute.protocols.cgminer import ask, first, parse_reply, section
from compute.protocols.reading import Board, Reading, ReadingTalk, State
from compute.protocols.talk import Talk

VENDOR = "Canaan"
_BOARD = re.compile(r"'HB(\d{1,2})':\{([^}]*)\}")
_MODULE = re.compile(r"MM ID\d{1,2}(?::Summary)?")
# A line of a tool's listing, `MM ID0=Ver[..` or `[MM ID0] => Ver[..`, or a row that lost the status before it.
_LISTED = re.compile(
    r"^(?:\s*|STATS=\d{1,2},[^\[\]|]{0,200})\[?MM ID\d{1,2}(?::Summary)?(?:\] =>|=)\s*(Ver\[.*)$", re.MULTILINE
)
MAX_MODULES = 32
FANS = ("Fan", *(f"Fan{at}" for at in range(1, 9)))
WORKING_W = 1_000


def parse_state(raw: bytes) -> Reading:
    """The reading of stats, estats or litestats, or of the bare state text. Raises Garbled."""
    if raw.lstrip()[:4] == b"Ver[":
        return read_state(facts_of(raw.decode("utf-8", "replace")), {})
    listed = _LISTED.findall(raw[:MAX_STATE_TEXT].decode("utf-8", "replace"))[:MAX_MODULES]
    if listed:
        read = [read_state(facts_of(text), {}) for text in listed]
        return read[0] if len(read) == 1 else summed(read)
    reply = parse_reply(raw)
    found = [(row, facts) for row in section(reply, "STATS") for facts in _modules(row)][:MAX_MODULES]
    if not found:
        raise Garbled("no MM ID0")
    read = [read_state(facts, _board_facts(row.get("HBinfo"))) for row, facts in found]
    reading = read[0] if len(read) == 1 else summed(read)
    reading.uptime_s = fields.seconds(found[0][0].get("Elapsed", reading.uptime_s))
    reading.notes = reading.notes + fields.sequence(reply.get("notes"))
    return reading


def _modules(row: dict[str, Any]) -> list[Facts]:
    """The facts of each module: one (MM ID0) of A10 on, several behind one controller before."""
    said = [value for key, value in row.items() if isinstance(value, str) and _MODULE.fullmatch(key)]
    return [facts for text in said if (facts := facts_of(text))]


def summed(modules: list[Reading]) -> Reading:
    """One reading of the modules that a controller speaks for: rates and watts in sum, boards one after the other."""
    whole = modules[0]
    whole.hashrate_ths = fields.total([module.hashrate_ths for module in modules])
    whole.expected_hashrate_ths = fields.total([module.expected_hashrate_ths for module in modules])
    watts = [module.power_w for module in modules]
    whole.power_w = None if None in watts else fields.total(watts)
    limits = [module.power_limit_w for module in modules]
    whole.power_limit_w = None if None in limits else fields.total(limits)
    whole.fans_rpm = [speed for module in modules for speed in module.fans_rpm or []] or None
    boards = [board for module in modules for board in module.boards or []][:64]
    for slot, board in enumerate(boards):
        board.slot = slot
    whole.boards = boards or None
    whole.state = cgminer.state_of(whole.hashrate_ths, whole.uptime_s)
    whole.notes = [*whole.notes, f"{len(modules)} modules behind one controller, summed"]
    return whole


def _board_facts(said: Any) -> dict[int, Facts]:
    """Board number to facts of `'HB0':{..},'HB1':{..}`."""
    if not isinstance(said, str):
        return {}
    return {int(found[1]): facts_of(found[2]) for found in _BOARD.finditer(said[:MAX_STATE_TEXT])}


def read_state(facts: Facts, board_facts: dict[int, Facts]) -> Reading:
    """The reading of one state text, with the boards of HBinfo where there is one."""
    uptime = fields.seconds(one(facts, "Elapsed"))
    fans = [fields.rpm(one(facts, key)) for key in FANS if key in facts]
    limit = fields.watts(one(facts, "MPO")) or None
    power = power_of(facts, limit)
    stands_still = _stands_still(facts, power)
    hashrate = 0.0 if stands_still else _hashrate(facts)
    return Reading(
        vendor=VENDOR,
        model=model_of(facts),
        firmware=fields.text(facts.get("BVer") or facts.get("LVer") or facts.get("Ver", "").rpartition("-")[2]),
        serial=fields.text(facts.get("DNA")),
        uptime_s=uptime,
        state=_state(facts, hashrate, uptime),
        hashrate_ths=hashrate,
        expected_hashrate_ths=fields.ths(one(facts, "GHSmm"), "GH") or None,
        power_w=power,
        power_limit_w=limit,
        fans_rpm=[speed for speed in fans if speed is not None] if fans else None,
        boards=_boards(facts, board_facts, stands_still=stands_still),
        notes=["no inlet sensor"] if one(facts, "ITemp") == -273 else [],
    )


def _hashrate(facts: Facts) -> float | None:
    """The rate now, else the average, else that of the boards, whose sum it is."""
    rate = fields.ths(one(facts, "GHSspd") or one(facts, "GHSavg"), "GH")
    return fields.total([fields.ths(board, "GH") for board in numbers(facts, "MGHS")]) if rate is None else rate


def _stands_still(facts: Facts, power_w: float | None) -> bool:
    """GHSspd is 0: nothing is hashed now, whatever the averages say.

    Firmware of A10 (1066, 2020) has a GHSspd that is always 0: who is in work and draws kilowatts does hash.
    """
    in_work = "in work" in facts.get("SYSTEMSTATU", "").lower() and not one(facts, "SoftOFF")
    return one(facts, "GHSspd") == 0 and not (in_work and (power_w or 0) >= WORKING_W)


def _state(facts: Facts, hashrate: float | None, uptime: int | None) -> State:
    """SYSTEMSTATU says the work; SoftOFF other than 0 says that it was told to sleep."""
    said = facts.get("SYSTEMSTATU", "").lower()
    if "idle" in said:
        return State.SLEEPING if one(facts, "SoftOFF") else State.IDLE
    if "init" in said or "start" in said:
        return State.STARTING
    return cgminer.state_of(hashrate, uptime)


def _boards(facts: Facts, board_facts: dict[int, Facts], *, stands_still: bool) -> list[Board] | None:
    """Boards of the state text, whose keys end in the board's number, or of HBinfo."""
    # MGHS is an average since the start: of a machine that hashes nothing now it would tell an old story.
    averages = numbers(facts, "MGHS")
    rates = [] if stands_still else averages
    warmest = numbers(facts, "MTmax")
    slots = sorted(board_facts) or list(range(len(averages)))
    if not slots:
        return [_old_board(facts)] if "TMax" in facts else None
    return [_board(at, facts, board_facts.get(at), rates, warmest, alone=len(slots) == 1) for at in slots[:16]]


def _old_board(facts: Facts) -> Board:
    """A module of the 7 and 8 series: one board, of which it says the warmest chip."""
    return Board(slot=0, chip_temperature_c=fields.celsius(one(facts, "TMax")), chips=fields.count(one(facts, "TA")))


def _board(at: int, facts: Facts, own: Facts | None, rates: list[float], warmest: list[float], *, alone: bool) -> Board:
    key, source = ("PVT_T0", own) if own is not None else (f"PVT_T{at}", facts)
    chips = len(source.get(key, "").split())
    chip = fields.celsius(warmest[at]) if at < len(warmest) else None
    return Board(
        slot=at,
        hashrate_ths=fields.ths(rates[at], "GH") if at < len(rates) else None,
        temperature_c=fields.celsius(one(facts, "HBITemp", "HBTemp")) if alone else None,
        chip_temperature_c=chip or fields.highest([fields.celsius(value) for value in numbers(source, key)]),
        chips=chips or (fields.count(one(facts, "TA")) if alone else None),
    )


def _better(said: str | None, short: str | None) -> str | None:
    """The name of `version`, but that of Ver[] where only this one is known: a Nano 3 calls itself "Avalonnano"."""
    if said is None or (short is not None and catalog.find(said) is None and catalog.find(short) is not None):
        return short
    return said


class Avalon:
    """A10 to A15, Q, Mini and Nano. One connection per sweep."""

    name: ClassVar[str] = "avalon"
    port: ClassVar[int] = cgminer.PORT

    def poll(self) -> ReadingTalk:
        talk = Talk()
        reading = yield from _state_talk(talk)
        return talk.finish(reading)

    def inspect(self) -> ReadingTalk:
        talk = Talk()
        reading = yield from _state_talk(talk)
        version = first((yield from talk.ask(ask("version"), parse_reply)), "VERSION")
        pools = yield from talk.ask(ask("pools"), parse_reply)
        reading.model = _better(cgminer.model_of(version), reading.model)
        reading.mac = fields.mac(version.get("MAC"))
        reading.serial = reading.serial or fields.text(version.get("DNA"))
        reading.firmware = reading.firmware or fields.text(version.get("LVERSION") or version.get("CGVERSION"))
        reading.pools = cgminer.parse_pools(pools)
        if reading.hashrate_ths is None:
            summary = first((yield from talk.ask(ask("summary"), parse_reply, optional=True)), "SUMMARY")
            reading.hashrate_ths = cgminer.rate_ths(summary)
            reading.uptime_s = fields.seconds(summary.get("Elapsed")) if reading.uptime_s is None else reading.uptime_s
            if reading.state is State.UNKNOWN:
                reading.state = cgminer.state_of(reading.hashrate_ths, reading.uptime_s)
        return talk.finish(reading, identity=True)


def _state_talk(talk: Talk) -> Any:
    """The state of the first report that has it."""
    for command in ("stats", "litestats", "estats"):
        reading = yield from talk.ask(ask(command), parse_state, optional=command != "estats")
        if reading is not None:
            return reading
    return Reading(vendor=VENDOR)
