"""Whatsminer API 3 on TCP 4433: a four-byte little-endian length, then JSON, both ways.

Answers are {"code":0,"msg":{..}}; any other code is an error and `msg` a sentence. Rates are in TH/s here (v1 and v2:
MH/s). `error-code` is a list of numbers, strings, objects and junk, or one sentence. Source: MicroBT API 3.0, recorded
answers of 3.0.2.
"""

from typing import ClassVar

import msgspec

from cango_ops.frames import length_prefixed
from cango_ops.wire import Ask, Framing, Garbled
from compute.protocols import cgminer, fields, whatsminer_errors
from compute.protocols.mending import read_json
from compute.protocols.reading import Board, Pool, Reading, ReadingTalk, State
from compute.protocols.talk import Talk
from compute.protocols.trees import Tree, flag, pools_of

VENDOR = "MicroBT"


def ask(command: str, param: str | None = None) -> Ask:
    """A read: it wants no token. The name is that of a recorded file: get_miner_status_summary."""
    body: Tree = {"cmd": command} if param is None else {"cmd": command, "param": param}
    name = command.replace(".", "_") + (f"_{param}" if param else "")
    return Ask(name, length_prefixed(msgspec.json.encode(body)), Framing.LENGTH_LE32)


def parse_message(raw: bytes) -> Tree:
    """The `msg` object. Raises Garbled, also for an error answer."""
    value, _ = read_json(raw)
    if not isinstance(value, dict):
        raise Garbled("not an object")
    code, message = fields.count(value.get("code")), value.get("msg")
    if code != 0:
        raise Garbled(f"refused: {fields.text(message)} (code {code})")
    if not isinstance(message, dict):
        raise Garbled("no msg")
    return message


def parse_summary(raw: bytes) -> Reading:
    """Most of a reading. Raises Garbled."""
    row = fields.table(parse_message(raw).get("summary"))
    if not row:
        raise Garbled("no summary")
    hashrate, uptime = fields.ths(row.get("hash-realtime")), fields.seconds(row.get("elapsed"))
    if hashrate is None:
        hashrate = fields.ths(row.get("hash-average"))
    fans = [fields.rpm(row.get("fan-speed-in")), fields.rpm(row.get("fan-speed-out"))]
    temperatures = [fields.celsius(value) for value in fields.sequence(row.get("board-temperature"), 16)]
    return Reading(
        vendor=VENDOR,
        uptime_s=uptime,
        state=cgminer.state_of(hashrate, uptime),
        hashrate_ths=hashrate,
        expected_hashrate_ths=fields.ths(row.get("factory-hash")) or None,
        power_w=fields.watts(row.get("power-realtime", row.get("power-5min"))),
        power_limit_w=fields.watts(row.get("power-limit")) or None,
        fans_rpm=[speed for speed in fans if speed is not None] or None,
        boards=[Board(slot=at, temperature_c=value) for at, value in enumerate(temperatures)] or None,
    )


def add_boards(reading: Reading, message: Tree) -> None:
    """Rates and chips of edevs, onto the boards that summary gave temperatures to."""
    known = {board.slot: board.temperature_c for board in reading.boards or []}
    found = [_board(at, row) for at, row in enumerate(fields.rows(message.get("edevs"), 16))]
    for board in found:
        board.temperature_c = known.get(board.slot)
    reading.boards = found or reading.boards


def _board(at: int, row: Tree) -> Board:
    slot = fields.count(row.get("slot", row.get("id")))
    rate = fields.ths(row.get("hash-realtime"))
    return Board(
        slot=at if slot is None else slot,
        hashrate_ths=fields.ths(row.get("hash-average")) if rate is None else rate,
        chip_temperature_c=fields.celsius(row.get("chip-temp-max", row.get("chip-temp-avg"))),
        chips=fields.count(row.get("effective-chips")),
    )


def read_pools(message: Tree) -> list[Pool]:
    """The pools; API 3 counts no shares per pool on most firmware."""
    rows = [{"account": row.get("user"), **row} for row in fields.rows(message.get("pools"), 16)]
    return pools_of(rows, flag("stratum-active"), user="account")


def add_device(reading: Reading, message: Tree) -> None:
    """Who it is, its faults, and whether it was told to stop."""
    miner, network = fields.table(message.get("miner")), fields.table(message.get("network"))
    system, power = fields.table(message.get("system")), fields.table(message.get("power"))
    reading.model = fields.text(miner.get("type"))
    reading.serial = fields.text(miner.get("miner-sn"))
    reading.firmware = fields.text(system.get("fwversion"))
    reading.mac = fields.mac(network.get("mac"))
    reading.errors = whatsminer_errors.read_codes(message.get("error-code"))
    if str(miner.get("working", "")).lower() == "false":
        reading.state = State.SLEEPING
    notes = [message["error-code"]] if isinstance(message.get("error-code"), str) else []
    supply = fields.text(power.get("model"))
    notes += [f"power supply {supply}"] if supply else []
    reading.notes = reading.notes + [said for note in notes if (said := fields.text(note))]


class WhatsminerV3:
    """M50 to M70 with API 3. Two connections per sweep: summary and boards are two answers."""

    name: ClassVar[str] = "whatsminer_v3"
    port: ClassVar[int] = 4433

    def poll(self) -> ReadingTalk:
        talk = Talk()
        reading = yield from talk.ask(ask("get.miner.status", "summary"), parse_summary)
        reading = reading or Reading(vendor=VENDOR)
        boards = yield from talk.ask(ask("get.miner.status", "edevs"), parse_message, optional=True)
        add_boards(reading, boards or {})
        return talk.finish(reading)

    def inspect(self) -> ReadingTalk:
        talk = Talk()
        reading = yield from talk.ask(ask("get.miner.status", "summary"), parse_summary)
        reading = reading or Reading(vendor=VENDOR)
        boards = yield from talk.ask(ask("get.miner.status", "edevs"), parse_message)
        pools = yield from talk.ask(ask("get.miner.status", "pools"), parse_message)
        device = yield from talk.ask(ask("get.device.info"), parse_message)
        add_boards(reading, boards or {})
        reading.pools = read_pools(pools) if pools is not None else None
        if device is not None:
            add_device(reading, device)
        return talk.finish(reading, identity=True)
