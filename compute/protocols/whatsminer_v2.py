"""Whatsminer API 1 and 2 (btminer) on TCP 4028.

`summary`, `edevs`, `devs`, `pools` and `devdetails` answer like cgminer, and some firmware joins them; `get_*` and
`status` answer {"STATUS":"S","Code":131,"Msg":{..}} and are never joined. `HS RT` is in MH/s; one fixture has TH/s
there, which its other rates betray. Source: MicroBT API documents 1.4 to 2.0.5, recorded answers.
"""

from typing import Any, ClassVar

from cango_ops.wire import Garbled
from compute.protocols import cgminer, fields, relatives, whatsminer_errors, whatsminer_quick
from compute.protocols.cgminer import Reply, ask, first, parse_reply
from compute.protocols.cgminer_joined import joined
from compute.protocols.reading import Board, Fault, Reading, ReadingTalk, State
from compute.protocols.talk import Talk

VENDOR = "MicroBT"
STEADY = ("1m", "5m", "15m", "av", "5s")


def parse_message(raw: bytes) -> Reply:
    """The `Msg` object of a get_* or status answer. Raises Garbled, also for "can't access write cmd"."""
    reply = parse_reply(raw)
    message = reply.get("Msg")
    if not isinstance(message, dict):
        raise Garbled(f"no Msg: {fields.text(message)}")
    return message


def read_summary(reply: Reply) -> Reading:
    """Most of a reading: rates, power, fans, faults, all but the boards."""
    row = summary_row(reply)
    if not row:
        raise Garbled("no SUMMARY")
    notes = list(fields.sequence(reply.get("notes")))
    hashrate = _rate(row, notes)
    uptime = fields.seconds(row.get("Elapsed", row.get("Uptime")))
    fans = [fields.rpm(row.get("Fan Speed In")), fields.rpm(row.get("Fan Speed Out"))]
    liquid = row.get("Liquid Cooling") is True
    return Reading(
        vendor=VENDOR,
        model=fields.text(row.get("Miner Type")),
        firmware=fields.text(row.get("Firmware Version")),
        mac=fields.mac(row.get("MAC")),
        uptime_s=uptime,
        state=cgminer.state_of(hashrate, uptime),
        hashrate_ths=hashrate,
        expected_hashrate_ths=fields.ths(row.get("Factory GHS"), "GH") or None,
        power_w=fields.watts(row.get("Power", row.get("Power_RT", row.get("Power Realtime")))),
        power_limit_w=fields.watts(row.get("Power Limit")) or None,
        fans_rpm=[] if liquid else [speed for speed in fans if speed is not None] or None,
        errors=whatsminer_errors.read_summary_codes(row),
        notes=notes,
    )


def summary_row(reply: Reply) -> Reply:
    """The summary's only row: in SUMMARY, in Msg (API 2.0.4 on; its status may be a list), or the answer (Bixbit)."""
    row = first(reply, "SUMMARY") or fields.table(reply.get("Msg")) or fields.table(first(reply, "STATUS").get("Msg"))
    return row or (reply if "HS RT" in reply else {})


def _rate(row: Reply, notes: list[str]) -> float | None:
    """HS RT where its unit holds against the other rates; else these."""
    steady = cgminer.rate_ths(row, STEADY)
    now = fields.ths(row.get("HS RT"), "MH")
    if now is None or not steady:
        return steady if now is None else now
    if now < steady / 1000:
        as_ths = fields.ths(row.get("HS RT"), "TH")
        if as_ths is not None and steady / 2 < as_ths < steady * 2:
            notes.append("HS RT is in TH/s here")
            return as_ths
    return now


def read_boards(reply: Reply | None) -> list[Board] | None:
    """The boards of edevs or devs; the rate of the last minute, else the average."""
    boards = cgminer.parse_devs(reply, STEADY)
    for board in boards or []:
        mega = board.hashrate_ths * 1e6 if board.hashrate_ths is not None else None
        board.hashrate_ths = whatsminer_quick.board_ths(mega)
    return boards


def parse_summary(raw: bytes) -> Reading:
    """The reading of a summary, by the short way where the machine is healthy. Raises Garbled."""
    return whatsminer_quick.summary(raw) or read_summary(parse_reply(raw))


def parse_boards(raw: bytes) -> list[Board] | None:
    return whatsminer_quick.boards(raw) or read_boards(parse_reply(raw))


class Whatsminer:
    """M20 to M60 with API 1 or 2. Two connections per sweep; one for those known to join (`poll(join=True)`)."""

    name: ClassVar[str] = "whatsminer_v2"
    port: ClassVar[int] = cgminer.PORT

    def poll(self, join: bool = False) -> ReadingTalk:
        talk = Talk()
        if join:
            parts = yield from joined(talk, ("summary", "edevs"), optional=frozenset(("edevs",)))
            reading = _summary_of(talk, parts)
            reading.boards = read_boards(parts.get("edevs"))
        else:
            summary = yield from talk.ask(ask("summary"), parse_summary)
            reading = summary or Reading(vendor=VENDOR)
            reading.boards = yield from talk.ask(ask("edevs"), parse_boards, optional=True)
        return talk.finish(reading)

    def inspect(self) -> ReadingTalk:
        talk = Talk()
        summary = yield from talk.ask(ask("summary"), parse_summary)
        reading = summary or Reading(vendor=VENDOR)
        reading.boards = yield from _boards(talk)
        _sum_of_boards(reading)
        reading.pools = cgminer.parse_pools((yield from talk.ask(ask("pools"), parse_reply)))
        details = first((yield from talk.ask(ask("devdetails"), parse_reply, optional=True)), "DEVDETAILS")
        yield from _inspect_messages(talk, reading, fields.text(details.get("Model")))
        return talk.finish(reading, identity=True)


def _summary_of(talk: Talk, parts: dict[str, Reply]) -> Reading:
    try:
        return read_summary(parts["summary"])
    except (KeyError, Garbled):
        talk.gaps += 1
        return Reading(vendor=VENDOR)


def _sum_of_boards(reading: Reading) -> None:
    """The total where the summary says none and every board its own."""
    rates = [board.hashrate_ths for board in reading.boards or []]
    if reading.hashrate_ths is None and rates and None not in rates:
        reading.hashrate_ths = fields.total(rates)
        reading.state = cgminer.state_of(reading.hashrate_ths, reading.uptime_s)


def _boards(talk: Talk) -> Any:
    """The boards of the first report that has any: of M3 and M10 that is `stats` of their cgminer."""
    for command in ("edevs", "devs"):
        boards = yield from talk.ask(ask(command), parse_boards, optional=True)
        if boards:
            return boards
    stats = relatives.stats_rows((yield from talk.ask(ask("stats"), parse_reply, optional=True)))
    boards = relatives.boards_of_chains(stats)
    relatives.add_chains(boards or [], stats)
    return boards


def _inspect_messages(talk: Talk, reading: Reading, model: str | None) -> Any:
    """What the get_* commands add: who it is, and whether it was switched off."""
    version = (yield from talk.ask(ask("get_version"), parse_message, optional=True)) or {}
    info = (yield from talk.ask(ask("get_miner_info"), parse_message, optional=True)) or {}
    status = (yield from talk.ask(ask("status"), parse_message, optional=True)) or {}
    errors = yield from talk.ask(ask("get_error_code"), parse_message, optional=True)
    supply = (yield from talk.ask(ask("get_psu"), parse_message, optional=True)) or {}
    reading.model = model or fields.text(version.get("miner_type", info.get("model"))) or reading.model
    reading.firmware = fields.text(version.get("fw_ver")) or reading.firmware
    reading.firmware = reading.firmware or fields.text(status.get("FirmwareVersion", status.get("Firmware Version")))
    reading.mac = reading.mac or fields.mac(info.get("mac"))
    reading.serial = fields.text(info.get("miner_sn", info.get("minersn")))
    reading.errors = _merged(reading.errors, errors)
    if _switched_off(status):
        reading.state = State.SLEEPING
    said = fields.text(supply.get("model", supply.get("Model")))
    if said:
        reading.notes = [*reading.notes, f"power supply {said}"]


def _merged(known: list[Fault] | None, errors: Reply | None) -> list[Fault] | None:
    """The summary's faults and those of get_error_code, each once."""
    if errors is None:
        return known
    listed = known or []
    seen = {fault.code for fault in listed}
    return listed + [
        fault for fault in whatsminer_errors.read_codes(errors.get("error_code")) if fault.code not in seen
    ]


def _switched_off(status: Reply) -> bool:
    """`mineroff` of API 2, `btmineroff` of API 1; words, not booleans."""
    return any(str(status.get(key, "")).lower() == "true" for key in ("mineroff", "btmineroff"))
