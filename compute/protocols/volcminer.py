"""VolcMiner D1 and kin: cgminer RPC with `}{` defects on TCP 4028, and a web status whose numbers are strings.

`miner_status` says "18,500.5" for 18,500.5 MH/s under the name ghs5s: these machines hash Scrypt and mean MH/s.
Source: answers in the libraries named in docs/protocols.md.
"""

from typing import Any, ClassVar

from cango_ops.http_frame import http_get
from cango_ops.wire import Ask, Framing, Garbled
from compute.protocols import antminer, antminer_web, cgminer, fields, miner_status
from compute.protocols.cgminer import Reply, parse_reply
from compute.protocols.reading import Reading, ReadingTalk
from compute.protocols.talk import Talk
from compute.protocols.trees import parse_tree

VENDOR = "VolcMiner"
WEB_PORT = 80
RATE_UNIT = "MH"


def parse_stats(raw: bytes) -> Reading:
    """The reading of RPC stats; rates named GHS are MH/s. Raises Garbled."""
    rows = cgminer.section(parse_reply(raw), "STATS")
    if not rows:
        raise Garbled("no STATS")
    rows = [{"rate_unit": RATE_UNIT, **row} for row in rows]
    reading = antminer.read_rows(rows)
    reading.vendor = VENDOR
    return reading


def parse_status(raw: bytes) -> Reading:
    """The reading of the web's miner_status. Raises Garbled."""
    tree = parse_tree(raw)
    reading = miner_status.read(tree, RATE_UNIT)
    reading.vendor = VENDOR
    reading.errors = antminer_web.faults_of_maps(miner_status.maps_of(tree))
    return reading


class Volcminer:
    """VolcMiner. One connection per sweep."""

    name: ClassVar[str] = "volcminer"
    port: ClassVar[int] = cgminer.PORT

    def poll(self) -> ReadingTalk:
        talk = Talk()
        reading = yield from talk.ask(cgminer.ask("stats"), parse_stats)
        return talk.finish(reading or Reading())

    def inspect(self) -> ReadingTalk:
        talk = Talk()
        path = "/cgi-bin/get_miner_status.cgi"
        stats = yield from talk.ask(cgminer.ask("stats"), parse_stats, optional=True)
        status: Any = yield from talk.ask(
            Ask("miner_status", http_get(path), Framing.HTTP, WEB_PORT), parse_status, optional=True
        )
        version = yield from talk.ask(cgminer.ask("version"), parse_reply, optional=True)
        path = "/cgi-bin/get_system_info.cgi"
        system = yield from talk.ask(
            Ask("get_system_info", http_get(path), Framing.HTTP, WEB_PORT), parse_tree, optional=True
        )
        reading = status or stats or Reading(vendor=VENDOR)
        if status is None:
            yield from _add_rpc(talk, reading)
        _identify(reading, stats, cgminer.first(version, "VERSION"), system or {})
        return talk.finish(reading, identity=True)


def _add_rpc(talk: Talk, reading: Reading) -> Any:
    """Rate, uptime and pools of a machine whose web does not answer."""
    summary = cgminer.first((yield from talk.ask(cgminer.ask("summary"), parse_reply, optional=True)), "SUMMARY")
    pools = yield from talk.ask(cgminer.ask("pools"), parse_reply, optional=True)
    rate = cgminer.rate_ths(summary, ("5s", "av"))
    reading.hashrate_ths = rate if rate is not None else reading.hashrate_ths
    reading.uptime_s = reading.uptime_s if reading.uptime_s is not None else fields.seconds(summary.get("Elapsed"))
    reading.state = cgminer.state_of(reading.hashrate_ths, reading.uptime_s)
    reading.pools = cgminer.parse_pools(pools)


def _identify(reading: Reading, stats: Reading | None, version: Reply, system: Reply) -> None:
    reading.model = (
        (stats.model if stats else None) or cgminer.model_of(version) or fields.text(system.get("minertype"))
    )
    said = fields.text(system.get("system_filesystem_version"))
    reading.firmware = said or (stats.firmware if stats else None) or cgminer.firmware_of(version)
    reading.mac = fields.mac(system.get("macaddr"))
