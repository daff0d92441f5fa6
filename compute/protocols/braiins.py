"""Braiins OS: bosminer's RPC on TCP 4028, GraphQL (21.09 to 25.05) and REST (25.07 on) on HTTP 80.

A sweep is one joined RPC. Sources: BOS API documents, recorded answers of 19.01 to 25.11. Consumption is the
firmware's estimate. Power scaling (DPS) keeps a configured and a scaled target: the configured one is the limit, the
other stands in a note.
"""

from typing import Any, ClassVar

from cango_ops.wire import Conversation, NoAnswer
from compute.protocols import antminer, braiins_web, catalog, cgminer, fields, luxos
from compute.protocols.cgminer import Reply, first, section
from compute.protocols.cgminer_joined import joined
from compute.protocols.reading import Board, Reading, ReadingTalk, State
from compute.protocols.signing import Login
from compute.protocols.talk import Talk

POLLED = ("summary", "devs", "temps", "fans", "tunerstatus")
MORE = ("devdetails", "pools", "version", "stats")
OPTIONAL = frozenset(("temps", "fans", "tunerstatus", "devs", "devdetails", "stats", "version"))
WINDOWS = ("5s", "1m", "5m", "15m", "av")


def read(parts: dict[str, Reply]) -> Reading:
    """A reading of what RPC replies there are."""
    rows = section(parts.get("stats"), "STATS")
    reading = antminer.read_rows(rows) if rows and "SUMMARY" not in parts.get("summary", {}) else _of_summary(parts)
    version, details = first(parts.get("version"), "VERSION"), first(parts.get("devdetails"), "DEVDETAILS")
    reading.vendor = None
    reading.model = model_of_board(cgminer.model_of(details) or reading.model)
    reading.firmware = reading.firmware or cgminer.firmware_of(version)
    reading.pools = cgminer.parse_pools(parts.get("pools"))
    reading.notes = reading.notes + [n for reply in parts.values() for n in fields.sequence(reply.get("notes"))]
    return reading


def model_of_board(reported: str | None) -> str | None:
    """The machine's name where the first firmware named its own build: "braiins-am1-s9" is an Antminer S9."""
    known = catalog.find(reported) if reported and reported.startswith("braiins-") else None
    return known.model if known else reported


def _of_summary(parts: dict[str, Reply]) -> Reading:
    summary, tuner = first(parts.get("summary"), "SUMMARY"), first(parts.get("tunerstatus"), "TUNERSTATUS")
    hashrate = cgminer.rate_ths(summary, WINDOWS)
    uptime = fields.seconds(summary.get("Elapsed"))
    fans = luxos.read_fans(parts.get("fans"))
    nominal = [fields.ths(row.get("Nominal MHS"), "MH") for row in section(parts.get("devs"), "DEVS")]
    return Reading(
        uptime_s=uptime,
        state=_state(tuner, hashrate, uptime),
        hashrate_ths=hashrate,
        expected_hashrate_ths=fields.total(nominal) or None,
        power_w=fields.watts(tuner.get("ApproximateMinerPowerConsumption")),
        power_limit_w=fields.watts(tuner.get("PowerLimit")) or None,
        fans_rpm=fields.without_unused_fans(fans) if fans else fans,
        boards=read_boards(parts),
        errors=cgminer.faults_of_devs(parts.get("devs")) if "devs" in parts else None,
    )


def _state(tuner: Reply, hashrate: float | None, uptime: int | None) -> State:
    """What the chains' tuner says while it tunes, else what the numbers tell."""
    said = [str(row.get("Status", "")).lower() for row in fields.rows(tuner.get("TunerChainStatus"), 16)]
    if hashrate and any("testing" in words or "tuning" in words for words in said):
        return State.TUNING
    return cgminer.state_of(hashrate, uptime)


def read_boards(parts: dict[str, Reply]) -> list[Board] | None:
    """The boards by ID (6, 7, 8 on an S9), with temperatures and chips from their own reports."""
    rows = section(parts.get("devs"), "DEVS") or section(parts.get("temps"), "TEMPS")
    temps = {row.get("ID"): row for row in section(parts.get("temps"), "TEMPS") if _plain(row.get("ID"))}
    details = {row.get("ID"): row for row in section(parts.get("devdetails"), "DEVDETAILS") if _plain(row.get("ID"))}
    boards = [_board(at, row, temps, details) for at, row in enumerate(rows[:16])]
    return boards or None


def _plain(value: Any) -> bool:
    return isinstance(value, int | str)


def _board(at: int, row: Reply, temps: dict[Any, Reply], details: dict[Any, Reply]) -> Board:
    number = row.get("ID") if _plain(row.get("ID")) else at
    slot, warm, detail = fields.count(number), temps.get(number, {}), details.get(number, {})
    return Board(
        slot=at if slot is None else slot,
        hashrate_ths=cgminer.rate_ths(row, WINDOWS),
        temperature_c=fields.celsius(warm.get("Board", row.get("Temperature"))),
        chip_temperature_c=fields.celsius(warm.get("Chip")),
        chips=fields.count(detail.get("Chips")),
    )


class Braiins:
    """Any machine with Braiins OS. One connection per sweep; the web where RPC is switched off.

    login: for REST, which refuses most reads without one.
    """

    name: ClassVar[str] = "braiins"
    port: ClassVar[int] = cgminer.PORT

    def __init__(self, login: Login | None = None) -> None:
        self.login = login

    def poll(self, join: bool = True) -> ReadingTalk:
        talk = Talk()
        parts: dict[str, Reply] = yield from _rpc(talk, POLLED, join=join)
        if parts:
            return talk.finish(read(parts))
        reading = yield from braiins_web.read(talk, self.login, everything=False)
        return talk.finish(reading or Reading())

    def inspect(self) -> ReadingTalk:
        talk = Talk()
        reading = yield from braiins_web.read(talk, self.login, everything=True)
        if reading is None:
            reading = read((yield from _rpc(talk, (*POLLED, *MORE), whole=True)))
        elif reading.model is None:
            reading.model = read((yield from _rpc(talk, ("version", "devdetails"), whole=True))).model
        return talk.finish(reading, identity=True)


def _rpc(
    talk: Talk, commands: tuple[str, ...], *, join: bool = True, whole: bool = False
) -> Conversation[dict[str, Reply]]:
    """The replies of RPC; none where it is switched off, so that the web is tried."""
    try:
        replies: dict[str, Reply] = yield from joined(talk, commands, join=join, optional=OPTIONAL, whole=whole)
    except NoAnswer as why:
        if why.reason != "refused":
            raise
        talk.note("RPC is switched off")
        return {}
    return replies
