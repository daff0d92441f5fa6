"""Antminer stock firmware: cgminer RPC on TCP 4028 (`stats` alone holds a sweep), and the web's CGI answers.

Sources: recorded answers of S7 to S21, and the same answers in the libraries named in docs/protocols.md. Stock firmware
does not join reports, does not say its power on RPC, and numbers its chains from 1. The newer API
({"command":"stats","new_api":true}) and /cgi-bin/stats.cgi share one shape, read in `antminer_web`.
"""

import re
from typing import Any, ClassVar

from cango_ops.wire import Garbled
from compute.protocols import antminer_quick, antminer_web, catalog, cgminer, fields
from compute.protocols.cgminer import Reply, ask, first, parse_reply, section
from compute.protocols.reading import Board, Reading, ReadingTalk, State
from compute.protocols.relatives import without_rates
from compute.protocols.signing import Login
from compute.protocols.talk import Talk

CHAINS = range(1, 17)

# Equihash machines, whose rates are no hashes.
NO_HASHES = ("Antminer Z",)
# Below this no machine of SHA-256 works; the best of 2026 take 9.5.
LEAST_JTH = 4.0
# "Antminer T21 (7Miners 1.2.6-rc1)": another maker's firmware, or VNish under a reseller's name.
_BRANDED = re.compile(r"(?P<model>[^()]{1,60}?)\s*\((?P<version>[A-Za-z0-9][\w .-]{0,30}? v?\d+\.\d[\w.-]{0,20})\)")
_VERSIONED = re.compile(r"(?P<model>[A-Z][\w+-]{1,20}(?: [\w+-]{1,20}){0,3}) v\.?(?P<version>\d+(?:\.\d+){1,5})")

_BUILD_DAY = re.compile(r"[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} ")


def parse_poll(raw: bytes) -> Reading:
    """The reading of a `stats` answer, by the short way where the answer has the usual shape."""
    return antminer_quick.read(raw) or parse_stats(raw)


def parse_stats(raw: bytes) -> Reading:
    """The reading of any `stats` answer, of RPC or web, mended where it must be. Raises Garbled."""
    reply = parse_reply(raw)
    rows = section(reply, "STATS")
    if not rows:
        raise Garbled("no STATS")
    notes = fields.sequence(reply.get("notes"))
    if any("chain" in row or "rate_5s" in row for row in rows) or "INFO" in reply:
        reading = antminer_web.parse_stats(reply)
    else:
        reading = read_rows(rows)
    reading.notes = reading.notes + notes
    return reading


def read_rows(rows: list[Reply]) -> Reading:
    """The reading of the rows of an RPC `stats`: who answers, then the chains."""
    head = rows[0]
    row = next((row for row in rows if "chain_acn1" in row or "fan_num" in row or "GHS 5s" in row), head)
    model, firmware = named(cgminer.model_of(head))
    unit, notes = unit_of(row, model or "")
    # The firmware writes the total under different names from one generation to the next.
    rates = [fields.ths(row.get(key), unit) for key in TOTALS if key in row]
    hashrate = next((rate for rate in rates if rate is not None), None)
    uptime = fields.seconds(row.get("Elapsed"))
    reading = Reading(
        vendor=vendor_of(model),
        model=model,
        firmware=firmware or cgminer.firmware_of(head) or fields.text(row.get("miner_version")),
        uptime_s=uptime,
        state=cgminer.state_of(hashrate, uptime),
        hashrate_ths=hashrate,
        expected_hashrate_ths=fields.ths(row.get("total_rateideal"), unit) or None,
        power_w=_power_w(row, hashrate, notes),
        fans_rpm=fans_of(row, model),
        boards=in_step(boards_of(row, unit), hashrate, notes),
        errors=dead_chips(row),
        notes=notes,
    )
    return without_rates(reading) if (model or "").startswith(NO_HASHES) else reading


TOTALS = ("GHS 5s", "MHS 5s", "total_rate", "GHS av", "MHS av", "rate_30m")


def named(said: str | None) -> tuple[str | None, str | None]:
    """Model and firmware where one name holds both: "S19-88 v.2.6.0.39" of MSKminer, "T21 (7Miners 1.2.6-rc1)"."""
    found = (_VERSIONED.fullmatch(said) or _BRANDED.fullmatch(said)) if said else None
    return (found["model"], found["version"]) if found else (said, None)


def vendor_of(model: str | None) -> str | None:
    """Bitmain, but for a name that is another maker's: Hammer and others answer in this language too."""
    word = (model or "").partition(" ")[0]
    return (
        antminer_web.VENDOR if not word or word.lower() == "antminer" or any(char.isdigit() for char in word) else word
    )


def unit_of(row: Reply, model: str) -> tuple[str, list[str]]:
    """The unit of all rates of the row: as it says, as its key names say, or as the model is known to mean."""
    if "rate_unit" not in row and model.startswith(antminer_web.MEGA_AS_GIGA):
        return "MH", ["rates named GHS are MH/s on this model"]
    return cgminer.unit_of(row, "MH" if "MHS 5s" in row or "MHS av" in row else "GH"), []


def _power_w(row: Reply, hashrate_ths: float | None, notes: list[str]) -> float | None:
    """The watts of the machine or of its chains. Firmware that measures none writes 0, or something else."""
    whole = next((row[key] for key in ("chain_power", "watt", "power", "total_power") if key in row), None)
    if whole is not None:
        power = fields.watts(fields.quantity(whole))
    else:
        power = fields.total([fields.watts(row.get(f"chain_consumption{at}")) for at in CHAINS])
    if power is None or power >= LEAST_JTH * (hashrate_ths or 0):
        return power
    notes.append(f"{power:g} W is less than any machine takes for {hashrate_ths:g} TH/s")
    return None


def in_step(boards: list[Board], hashrate_ths: float | None, notes: list[str]) -> list[Board]:
    """The boards with their rates in the unit of the total: some firmware writes them in one that is larger."""
    told = fields.total([board.hashrate_ths for board in boards])
    ratio = hashrate_ths / told if told and hashrate_ths else 1.0
    if not 500 < ratio < 2000:
        return boards
    notes.append("the rates of its boards are in a unit a thousand times larger than its total")
    for board in boards:
        board.hashrate_ths = None if board.hashrate_ths is None else 1000 * board.hashrate_ths
    return boards


def fans_of(row: Reply, model: str | None = None) -> list[int] | None:
    """The fans: those that turn; with fewer turning than `fan_num` says, the first so many, standing ones too.

    Where as many turn as the model has, the others are sockets without a fan, whatever `fan_num` says (S7: 6).
    """
    speeds = [fields.rpm(row[key]) for at in CHAINS if (key := f"fan{at}") in row]
    there = [speed for speed in speeds if speed is not None]
    if not there:
        return None
    number = fields.count(row.get("fan_num"))
    turning = [speed for speed in there if speed]
    known = catalog.find(model) if model else None
    if number is None or len(turning) >= number or (known is not None and known.fans == len(turning)):
        return turning
    return fields.without_unused_fans(there[:number])


def boards_of(row: Reply, unit: str) -> list[Board]:
    """The chains that have chips, a rate or a temperature; a chain with none of them is an empty place."""
    boards = [_board(row, at, unit) for at in CHAINS]
    return [board for board in boards if board.chips or board.hashrate_ths or board.temperature_c]


def _board(row: Reply, at: int, unit: str) -> Board:
    pcb = [_warmest(row, f"temp_pcb{at}"), _warmest(row, f"temp_out_pcb_{at}"), fields.celsius(row.get(f"temp{at}"))]
    chip = [_warmest(row, key) for key in (f"temp_chip{at}", f"temp_out_chip_{at}", f"temp_in_chip_{at}")]
    return Board(
        slot=at,
        hashrate_ths=fields.ths(row.get(f"chain_rate{at}"), unit),
        temperature_c=next((read for read in pcb if read is not None), None),
        chip_temperature_c=next((read for read in chip if read is not None), None)
        or fields.celsius(row.get(f"temp2_{at}")),
        chips=fields.count(row.get(f"chain_acn{at}")),
    )


def _warmest(row: Reply, key: str) -> float | None:
    return fields.highest(fields.dashed(row[key])) if key in row else None


def dead_chips(row: Reply) -> list[Any] | None:
    """A fault for each chain whose map (`o` good, `x` dead) has a dead chip."""
    maps = [(at, fields.text(row.get(f"chain_acs{at}"))) for at in CHAINS]
    return antminer_web.faults_of_maps([(at, found) for at, found in maps if found])


class Antminer:
    """Stock firmware of the S7 to the S21, T and L too. One connection per sweep.

    login: for the web, which alone knows the MAC, the serial number and the work mode.
    """

    name: ClassVar[str] = "antminer"
    port: ClassVar[int] = cgminer.PORT

    def __init__(self, login: Login | None = None) -> None:
        self.login = login

    def poll(self) -> ReadingTalk:
        talk = Talk()
        reading = yield from talk.ask(ask("stats"), parse_poll, optional=True)
        if reading is None:
            reading = yield from talk.ask(ask("summary"), parse_summary)
        reading = reading or Reading()
        reading.firmware = None  # only the inspection names it: the web and RPC number it differently
        return talk.finish(reading)

    def inspect(self) -> ReadingTalk:
        talk = Talk()
        stats = yield from talk.ask(ask("stats"), parse_stats, optional=True)
        summary = None if says_all(stats) else (yield from talk.ask(ask("summary"), parse_reply))
        pools = yield from talk.ask(ask("pools"), parse_reply)
        web = yield from antminer_web.inspect(talk, self.login, with_stats=stats is None)
        reading = stats or web.stats or (read_summary(summary) if summary else Reading(vendor=antminer_web.VENDOR))
        version = None if is_named(reading, web) else (yield from talk.ask(ask("version"), parse_reply))
        reading.pools = cgminer.parse_pools(pools) if pools is not None else reading.pools
        _identify(reading, first(version, "VERSION"), web)
        antminer_web.complete(reading, first(summary, "SUMMARY"))
        return talk.finish(reading, identity=True)


def firmware_of(of_web: str | None, of_rpc: str | None) -> str | None:
    """The web's, unless it only tells the day of the build: "Tue Dec  6 16:12:30 CST 2022" names no version."""
    is_day = of_web is not None and _BUILD_DAY.match(of_web) is not None
    return of_rpc or of_web if is_day else of_web or of_rpc


def says_all(stats: Reading | None) -> bool:
    """Whether a summary could add nothing: how long, how much, and a model whose unit is known."""
    if stats is None or stats.uptime_s is None or stats.hashrate_ths is None:
        return False
    return stats.model is not None and catalog.find(stats.model) is not None


def is_named(reading: Reading, web: antminer_web.Web) -> bool:
    """Whether `version` could add nothing: model and firmware have been said."""
    return bool(reading.model and (web.firmware or reading.firmware))


def parse_summary(raw: bytes) -> Reading:
    return read_summary(parse_reply(raw))


def read_summary(reply: Reply) -> Reading:
    """What a summary alone tells."""
    row = first(reply, "SUMMARY")
    hashrate = cgminer.rate_ths(row, ("5s", "30m", "av"))
    uptime = fields.seconds(row.get("Elapsed"))
    return Reading(
        vendor=antminer_web.VENDOR,
        uptime_s=uptime,
        state=cgminer.state_of(hashrate, uptime),
        hashrate_ths=hashrate,
        notes=list(fields.sequence(reply.get("notes"))),
    )


def _identify(reading: Reading, version: Reply, web: antminer_web.Web) -> None:
    """Who it is: RPC names the model, the web the firmware, the MAC and the serial number."""
    reading.model = reading.model or cgminer.model_of(version) or web.model
    if web.model and web.model.startswith(f"{reading.model} "):
        reading.model = web.model  # "Antminer KS5" in full: "Antminer KS5 Pro"
    if web.model and reading.model != web.model:
        reading.notes = [*reading.notes, f"get_system_info names {web.model}"]
    reading.firmware = firmware_of(web.firmware, reading.firmware or cgminer.firmware_of(version))
    reading.mac, reading.serial = web.mac, web.serial
    reading.errors = [*(reading.errors or []), *web.errors] if web.errors or reading.errors is not None else None
    reading.notes = reading.notes + web.notes
    if web.asleep and not reading.hashrate_ths:
        reading.state = State.SLEEPING
