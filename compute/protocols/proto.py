"""Proto Rig: REST `/api/v1` (MDK-API 1.8.2), HTTP on 80 (8080 in its simulator).

`mining` says the rates in GH/s and the power target; `telemetry` each board in TH/s. Source: block/proto-fleet and
MDK-API documents, answers of the rig's simulator.
"""

from typing import Any, ClassVar

from cango_ops.http_frame import http_get
from cango_ops.wire import Ask, Framing
from compute.protocols import fields
from compute.protocols.reading import Board, Fault, Pool, Reading, ReadingTalk, State
from compute.protocols.talk import Talk
from compute.protocols.trees import Tree, at, parse_list, parse_tree, pools_of, status_of

VENDOR = "Proto"
STATES = {
    "mining": State.MINING,
    "degradedmining": State.MINING,
    "poweringon": State.STARTING,
    "starting": State.STARTING,
    "uninitialized": State.STARTING,
    "stopped": State.SLEEPING,
    "poweringoff": State.STOPPED,
    "nopools": State.IDLE,
    "error": State.FAULT,
}


def ask(name: str, path: str) -> Ask:
    return Ask(name, http_get("/api/v1" + path), Framing.HTTP)


def read(mining: Tree, telemetry: Tree) -> Reading:
    """What changes."""
    row = fields.table(mining.get("mining-status"))
    said = str(row.get("status", "")).replace(" ", "").lower()
    hashrate = fields.ths(row.get("hashrate_ghs", row.get("average_hashrate_ghs")), "GH")
    if hashrate is None:
        hashrate = fields.ths(at(telemetry, "miner", "hashrate", "value"))
    power = fields.watts(row.get("power_usage_watts"))
    boards = [_board(place, board) for place, board in enumerate(fields.rows(telemetry.get("hashboards"), 16))]
    return Reading(
        vendor=VENDOR,
        uptime_s=fields.seconds(row.get("mining_uptime_s")),
        state=STATES.get(said, State.UNKNOWN),
        hashrate_ths=hashrate,
        expected_hashrate_ths=fields.ths(row.get("ideal_hashrate_ghs"), "GH") or None,
        power_w=fields.watts(at(telemetry, "miner", "power", "value")) if power is None else power,
        power_limit_w=fields.watts(row.get("power_target_watts")) or None,
        boards=boards or None,
    )


def _board(place: int, row: Tree) -> Board:
    slot = fields.count(row.get("index"))
    unit = at(row, "hashrate", "unit")
    return Board(
        slot=place if slot is None else slot,
        hashrate_ths=fields.ths(at(row, "hashrate", "value"), unit if isinstance(unit, str) else "TH"),
        temperature_c=fields.highest(
            [fields.celsius(at(row, "temperature", key)) for key in ("inlet", "average", "outlet")]
        ),
        chip_temperature_c=fields.celsius(at(row, "asics", "temperature", "max")),
    )


def add_identity(reading: Reading, system: Tree, network: Tree, hardware: Tree) -> None:
    info, parts = fields.table(system.get("system-info")), fields.table(hardware.get("hardware-info"))
    reading.model = fields.text(info.get("product_name")) or fields.text(info.get("model"))
    reading.firmware = fields.text(at(info, "os", "version"))
    reading.serial = fields.text(info.get("cb_sn")) or fields.text(at(parts, "cb-info", "serial_number"))
    reading.mac = fields.mac(at(network, "network-info", "mac"))
    by_place = fields.rows(parts.get("hashboards-info"), 16)
    for board in reading.boards or []:
        own = next((row for row in by_place if row.get("port", -1) == board.slot), {})
        board.chips = fields.count(own.get("mining_asic_count"))


def read_fans(cooling: Tree) -> list[int] | None:
    speeds = [fields.rpm(fan.get("rpm")) for fan in fields.rows(at(cooling, "cooling-status", "fans"), 16)]
    return [speed for speed in speeds if speed is not None] or None


def read_pools(tree: Tree) -> list[Pool]:
    """The pools; one is in use when its status says so."""
    return pools_of(fields.rows(tree.get("pools"), 16), status_of("active"))


def read_errors(listed: list[Any]) -> list[Fault]:
    rows = fields.rows(listed)
    return [
        Fault(
            code=fields.text(row.get("error_code", row.get("code"))),
            message=fields.text(row.get("message", row.get("details"))),
        )
        for row in rows
    ]


class ProtoRig:
    """Proto Rig. Three connections per sweep: rates, boards and fans are separate resources."""

    name: ClassVar[str] = "proto"
    port: ClassVar[int] = 80

    def poll(self) -> ReadingTalk:
        talk = Talk()
        reading = yield from _changing(talk)
        return talk.finish(reading)

    def inspect(self) -> ReadingTalk:
        talk = Talk()
        reading = yield from _changing(talk)
        system = yield from talk.ask(ask("system", "/system"), parse_tree)
        network = yield from talk.ask(ask("network", "/network"), parse_tree)
        hardware = yield from talk.ask(ask("hardware", "/hardware"), parse_tree, optional=True)
        pools = yield from talk.ask(ask("pools", "/pools"), parse_tree)
        errors = yield from talk.ask(ask("errors", "/errors"), parse_list, optional=True)
        add_identity(reading, system or {}, network or {}, hardware or {})
        reading.pools = read_pools(pools) if pools is not None else None
        reading.errors = read_errors(errors) if errors is not None else None
        return talk.finish(reading, identity=True)


def _changing(talk: Talk) -> Any:
    mining = yield from talk.ask(ask("mining", "/mining"), parse_tree)
    telemetry = yield from talk.ask(ask("telemetry_full", "/telemetry?level=hashboard,psu"), parse_tree, optional=True)
    cooling = yield from talk.ask(ask("cooling", "/cooling"), parse_tree, optional=True)
    reading = read(mining or {}, telemetry or {})
    reading.fans_rpm = read_fans(cooling or {})
    return reading
