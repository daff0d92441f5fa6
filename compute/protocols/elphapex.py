"""Elphapex DG: the web CGIs of Antminer's shape on HTTP 80 (Digest), with Scrypt's MH/s and chips in milli-degrees.

Source: recorded answers of a DG Home1. A chain without chips is an empty place whose sensors repeat a neighbour's.
"""

from typing import Any, ClassVar

from cango_ops.wire import Conversation
from compute.protocols import antminer_web, cgminer, fields
from compute.protocols.cgminer import Reply, first
from compute.protocols.reading import Pool, Reading, ReadingTalk, State
from compute.protocols.signing import Login, Signer
from compute.protocols.talk import Talk
from compute.protocols.trees import pools_of, status_of

VENDOR = "Elphapex"
CHIP_SCALE = 1000.0


def read_stats(reply: Reply) -> Reading:
    """The reading of stats.cgi."""
    reading = antminer_web.parse_stats(reply, CHIP_SCALE)
    reading.vendor = VENDOR
    row = first(reply, "STATS")
    average = fields.ths(row.get("rate_avg"), cgminer.unit_of(row))
    if reading.hashrate_ths and average:  # its 5 seconds scatter by a fifth, but 0 is 0
        reading.hashrate_ths = average
    reading.serial = fields.text(fields.table(reply.get("INFO")).get("dev_sn"))
    for board in reading.boards or []:
        if not board.chips:
            board.temperature_c = board.chip_temperature_c = None
    return reading


def read_pools(reply: Reply) -> list[Pool]:
    """The pools; `status` Alive or Working is the one in use."""
    return pools_of(fields.rows(reply.get("POOLS"), 16), status_of("alive", "working", "active"))


class Elphapex:
    """DG1, DG Home and their kin. One connection per sweep, two where it wants a sign-in."""

    name: ClassVar[str] = "elphapex"
    port: ClassVar[int] = 80

    def __init__(self, login: Login | None = None) -> None:
        self.login = login

    def poll(self) -> ReadingTalk:
        talk = Talk()
        reading = yield from _stats(talk, Signer(self.login))
        return talk.finish(reading)

    def inspect(self) -> ReadingTalk:
        talk, signer = Talk(), Signer(self.login)
        reading = yield from _stats(talk, signer)
        more: dict[str, Any] = {}
        for name in ("get_system_info", "get_power", "get_miner_conf", "summary", "pools", "get_network_info"):
            more[name] = (yield from antminer_web.ask_cgi(talk, signer, name, name, port=None)) or {}
        _add(reading, more)
        return talk.finish(reading, identity=True)


def _stats(talk: Talk, signer: Signer) -> Conversation[Reading]:
    reply = yield from antminer_web.ask_cgi(talk, signer, "stats", "stats", port=None)
    if reply is None:
        talk.gaps += 1
        return Reading(vendor=VENDOR)
    return read_stats(reply)


def _add(reading: Reading, more: dict[str, Reply]) -> None:
    system, conf = more["get_system_info"], more["get_miner_conf"]
    reading.model = reading.model or fields.text(system.get("minertype"))
    firmware = fields.text(system.get("system_filesystem_version")) or reading.firmware
    reading.firmware = firmware.rpartition("_V")[2] if firmware else None
    reading.mac = fields.mac(system.get("macaddr")) or fields.mac(more["get_network_info"].get("macaddr"))
    reading.power_w = fields.watts(more["get_power"].get("power_output"))
    reading.pools = read_pools(more["pools"]) if more["pools"] else None
    reading.errors = [*(reading.errors or []), *antminer_web.faults_of_summary(first(more["summary"], "SUMMARY"))]
    if fields.count(conf.get("fc-work-mode")) == 1 and not reading.hashrate_ths:
        reading.state = State.SLEEPING
