"""Auradine Teraflux (FluxOS, GCMiner) on TCP 4028: cgminer's frame, reports of its own.

psu, fan, temperature, mode, ipreport and led answer with their name as section; numbers may carry a unit
("58.94W"). Source: Auradine Teraflux API document, recorded answers of an AT1500.
"""

from typing import ClassVar

from compute.protocols import cgminer, fields
from compute.protocols.cgminer import Reply, first, section
from compute.protocols.cgminer_joined import joined
from compute.protocols.reading import Board, Fault, Reading, ReadingTalk, State
from compute.protocols.talk import Talk

VENDOR = "Auradine"
POLLED = ("summary", "devs", "psu", "fan", "temperature", "mode")
MORE = ("pools", "ipreport", "version", "led", "asccount")
OPTIONAL = frozenset(("fan", "temperature", "mode", "version", "led", "asccount"))
NORMAL = "normal"
# The boards tell their last 5 seconds alone, and the machine is to be their sum.
WINDOWS = ("5s", "1m", "5m", "15m", "av")


def read(parts: dict[str, Reply]) -> Reading:
    """A reading of what replies there are."""
    summary, mode = first(parts.get("summary"), "SUMMARY"), first(parts.get("mode"), "MODE")
    who = first(parts.get("ipreport"), "IPREPORT")
    hashrate = cgminer.rate_ths(summary, WINDOWS)
    uptime = fields.seconds(summary.get("Elapsed"))
    supplies = [fields.watts(fields.quantity(row.get("PowerIn"))) for row in section(parts.get("psu"), "PSU")]
    asleep = str(mode.get("Sleep", "")).lower() in ("on", "true")
    return Reading(
        vendor=VENDOR,
        model=fields.text(who.get("model")),
        firmware=fields.text(who.get("version")),
        mac=fields.mac(who.get("mac")),
        serial=fields.text(who.get("SerialNo")),
        uptime_s=uptime,
        state=State.SLEEPING if asleep else cgminer.state_of(hashrate, uptime),
        hashrate_ths=hashrate,
        expected_hashrate_ths=fields.ths(mode.get("Ths")) or None,
        power_w=fields.total(supplies),
        power_limit_w=fields.watts(mode.get("Power")) or None,
        fans_rpm=_fans(parts.get("fan")),
        boards=_boards(parts),
        pools=cgminer.parse_pools(parts.get("pools")),
        errors=_faults(parts.get("led")),
        notes=[note for reply in parts.values() for note in fields.sequence(reply.get("notes"))],
    )


def _fans(reply: Reply | None) -> list[int] | None:
    speeds = [fields.rpm(row.get("Speed")) for row in section(reply, "FAN")[:16]]
    return [speed for speed in speeds if speed is not None] or None


def _boards(parts: dict[str, Reply]) -> list[Board] | None:
    """Boards of devs, whose temperatures stand in their own report under the same ID; ID 0 is the control board."""
    boards = cgminer.parse_devs(parts.get("devs"))
    if boards is None:
        return None
    for at, row in enumerate(section(parts.get("devs"), "DEVS")[: len(boards)]):
        slot = fields.count(row.get("ID"))
        boards[at].slot = boards[at].slot if slot is None else slot
    for row in section(parts.get("temperature"), "TEMPERATURE"):
        for board in boards:
            if board.slot == row.get("ID"):
                board.temperature_c = _warmest(row, "BoardTemp") or board.temperature_c
                board.chip_temperature_c = _warmest(row, "ChipTemp")
    _share_chips(parts.get("asccount"), boards)
    return boards


def _share_chips(reply: Reply | None, boards: list[Board]) -> None:
    """The chips of the machine are counted in sum; its boards are alike."""
    counted = first(reply, "ASCCOUNT")
    chips, number = fields.count(counted.get("AsicCount")), fields.count(counted.get("BoardCount"))
    if chips and number == len(boards) and chips % number == 0:
        for board in boards:
            board.chips = chips // number


def _warmest(row: Reply, key: str) -> float | None:
    return fields.highest([fields.celsius(sensor.get("Temperature")) for sensor in fields.rows(row.get(key), 512)])


def _faults(reply: Reply | None) -> list[Fault] | None:
    """What the lamps say, unless it is "Normal"."""
    if reply is None:
        return None
    rows = [(fields.text(row.get("Code")), fields.text(row.get("Msg"))) for row in section(reply, "LED")[:16]]
    return [Fault(code=code, message=said) for code, said in rows if said and said.lower() != NORMAL]


class Auradine:
    """Teraflux machines. One connection per sweep where reports may be joined."""

    name: ClassVar[str] = "auradine"
    port: ClassVar[int] = cgminer.PORT

    def poll(self, join: bool = True) -> ReadingTalk:
        talk = Talk()
        parts = yield from joined(talk, POLLED, join=join, optional=OPTIONAL)
        return talk.finish(read(parts))

    def inspect(self) -> ReadingTalk:
        talk = Talk()
        parts = yield from joined(talk, (*POLLED, *MORE), optional=OPTIONAL, whole=True)
        return talk.finish(read(parts), identity=True)
