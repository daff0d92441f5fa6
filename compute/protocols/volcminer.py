"""VolcMiner D1 and kin: cgminer RPC with `}{` defects on TCP 4028, and a web status whose numbers are strings.

`miner_status` says "18,500.5" for 18,500.5 MH/s under the name ghs5s: these machines hash Scrypt and mean MH/s.
Source: answers in the libraries named in docs/protocols.md.
"""

from typing import Any, ClassVar

from cango_ops.wire import Ask, Framing, Garbled, http_get
from compute.protocols import antminer, antminer_web, cgminer, fields
from compute.protocols.cgminer import Reply, parse_reply
from compute.protocols.reading import Board, Reading, ReadingTalk
from compute.protocols.talk import Talk
from compute.protocols.trees import parse_tree, pools_of, silent

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
    summary = fields.table(tree.get("summary"))
    if not summary:
        raise Garbled("no summary")
    hashrate, uptime = fields.ths(summary.get("ghs5s"), RATE_UNIT), fields.seconds(summary.get("elapsed"))
    rows = fields.rows(tree.get("devs"), 16)
    return Reading(
        vendor=VENDOR,
        uptime_s=uptime,
        state=cgminer.state_of(hashrate, uptime),
        hashrate_ths=hashrate,
        fans_rpm=fans_of(tree),
        boards=[_board(place, row) for place, row in enumerate(rows)] or None,
        pools=pools_of(fields.rows(tree.get("pools"), 16), silent),
        errors=antminer_web.faults_of_maps([(place, str(row.get("chain_acs", ""))) for place, row in enumerate(rows)]),
    )


def fans_of(tree: Reply) -> list[int] | None:
    speeds = [fields.rpm(tree[key]) for at in range(1, 9) if (key := f"fan{at}") in tree]
    return fields.without_unused_fans([speed for speed in speeds if speed is not None]) or None


def _board(place: int, row: Reply) -> Board:
    slot = fields.count(row.get("index"))
    return Board(
        slot=place if slot is None else slot,
        hashrate_ths=fields.ths(row.get("chain_rate", row.get("rate")), RATE_UNIT),
        temperature_c=fields.highest([fields.celsius(value) for value in fields.sequence(row.get("temp"), 16)]),
        chips=fields.count(row.get("chain_acn")),
    )


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
