"""VNish (AnthillOS) firmware: cgminer RPC on TCP 4028 for a sweep, REST `/api/v1` on HTTP 80 for the rest.

`/info`, `/summary` and `/perf-summary` are public. RPC's `version` may be an unknown command. The fee of the firmware
shows as a pool "DevFee" and as `Fee Percent`; what the pool pays is less by that. Source: VNish OpenAPI 1.2.6 to 1.3.4.
"""

import re
from typing import Any, ClassVar

from cango_ops.http_frame import http_get
from cango_ops.wire import Ask, Framing
from compute.protocols import antminer, cgminer, fields
from compute.protocols.cgminer import Reply, ask, parse_reply
from compute.protocols.reading import Board, Fault, Reading, ReadingTalk, State
from compute.protocols.talk import Talk
from compute.protocols.trees import at, parse_tree, pools_of, status_of

WEB_PORT = 80
STATES = {
    "mining": State.MINING,
    "auto-tuning": State.TUNING,
    "initializing": State.STARTING,
    "starting": State.STARTING,
    "restarting": State.STARTING,
    "shutting-down": State.STOPPED,
    "stopped": State.SLEEPING,
    "failure": State.FAULT,
}
_SIGNED = re.compile(r"(?P<model>[^(]+?)\s*\(\s*vnish\s*(?P<version>[^)]*)\)", re.IGNORECASE)
_NAME = re.compile(r"vnish\b", re.IGNORECASE)


def parse_stats(raw: bytes) -> Reading:
    """The reading of RPC `stats`; its Type is "Antminer S21 Pro (Vnish 1.2.7)"."""
    reading = antminer.parse_stats(raw)
    rows = cgminer.section(parse_reply(raw), "STATS")
    state = next((STATES.get(str(row["state"]).lower()) for row in rows if "state" in row), None)
    reading.state = state or reading.state
    sign(reading)
    faults = [fields.text(row.get(f"chain_fault{at}")) for row in rows for at in antminer.CHAINS]
    reading.errors = [*(reading.errors or []), *(Fault(message=said) for said in faults if said)]
    return reading


def sign(reading: Reading) -> None:
    """Parts the model from the firmware's name, which is VNish's or that of who sells it."""
    found = _SIGNED.fullmatch(reading.model or "")
    if found:
        reading.model, reading.firmware = found["model"], f"VNish {found['version']}".strip()
        return
    reading.model, brand = antminer.named(reading.model)
    reading.firmware = _NAME.sub("VNish", brand or reading.firmware or "") or None


def ask_web(name: str, path: str) -> Ask:
    return Ask(name, http_get("/api/v1" + path), Framing.HTTP, port=WEB_PORT)


def read_web(tree: Reply, measure: Any = None) -> Reading:
    """The reading of /summary: what RPC tells, and the power. measure: the unit of its rates, as /info says."""
    miner = fields.table(tree.get("miner"))
    unit = cgminer.unit_of({"rate_unit": measure})
    hashrate = fields.ths(miner.get("hr_realtime", miner.get("hr_average")), unit)
    said = at(miner, "miner_status", "miner_state")
    fans = [fields.rpm(fan.get("rpm")) for fan in fields.rows(at(miner, "cooling", "fans"), 16)]
    reading = Reading(
        vendor="Bitmain",
        model=fields.text(miner.get("miner_type")),
        state=STATES.get(said.lower(), State.UNKNOWN) if isinstance(said, str) else cgminer.state_of(hashrate, None),
        hashrate_ths=hashrate,
        expected_hashrate_ths=fields.ths(miner.get("hr_nominal"), unit) or None,
        power_w=fields.watts(miner.get("power_consumption", miner.get("power_usage"))),
        fans_rpm=[speed for speed in fans if speed is not None] if fans else None,
        boards=[_board(place, row, unit) for place, row in enumerate(fields.rows(miner.get("chains"), 16))] or None,
        pools=pools_of(fields.rows(miner.get("pools"), 16), status_of("active", "working")),
        errors=_faults(fields.table(miner.get("miner_status"))),
    )
    sign(reading)
    fee = fields.between(miner.get("devfee_percent"), 0, 100)
    reading.notes = [f"the firmware takes {fee:g} % as its fee"] if fee else []
    return reading


def _faults(status: Reply) -> list[Fault]:
    """Why it failed, where it says so."""
    said = fields.text(status.get("description"))
    return [Fault(code=fields.text(status.get("failure_code")), message=said)] if said else []


def _board(place: int, row: Reply, unit: str) -> Board:
    slot = fields.count(row.get("id"))
    chips = [fields.count(number) for number in fields.table(row.get("chip_statuses")).values()]
    return Board(
        slot=place if slot is None else slot,
        hashrate_ths=fields.ths(row.get("hashrate_rt"), unit),
        temperature_c=fields.celsius(at(row, "pcb_temp", "max")),
        chip_temperature_c=fields.celsius(at(row, "chip_temp", "max")),
        chips=sum(number for number in chips if number) or None,
    )


class Vnish:
    """Antminers with VNish. One connection per sweep."""

    name: ClassVar[str] = "vnish"
    port: ClassVar[int] = cgminer.PORT

    def poll(self) -> ReadingTalk:
        talk = Talk()
        reading = yield from talk.ask(ask("stats"), parse_stats)
        return talk.finish(reading or Reading())

    def inspect(self) -> ReadingTalk:
        talk = Talk()
        stats = yield from talk.ask(ask("stats"), parse_stats)
        pools = yield from talk.ask(ask("pools"), parse_reply)
        summary = yield from talk.ask(ask_web("web_summary", "/summary"), parse_tree, optional=True)
        info = yield from talk.ask(ask_web("web_info", "/info"), parse_tree, optional=True)
        preset = yield from talk.ask(ask_web("web_perf-summary", "/perf-summary"), parse_tree, optional=True)
        web = read_web(summary, (info or {}).get("hr_measure")) if summary else None
        reading = _merged(stats, web)
        reading.pools = cgminer.parse_pools(pools) or (web.pools if web else None)
        _identify(reading, info or {}, preset or {})
        return talk.finish(reading, identity=True)


def _merged(stats: Reading | None, web: Reading | None) -> Reading:
    """RPC's reading with the power that only the web measures."""
    if stats is None:
        return web or Reading()
    if web is not None:
        stats.power_w = web.power_w if web.power_w is not None else stats.power_w
        stats.notes = stats.notes + web.notes
        stats.errors = [*(stats.errors or []), *(web.errors or [])]
    return stats


def _identify(reading: Reading, info: Reply, preset: Reply) -> None:
    reading.model = fields.text(info.get("miner")) or reading.model
    version: Any = fields.text(info.get("fw_version"))
    reading.firmware = f"{fields.text(info.get('fw_name')) or 'VNish'} {version}" if version else reading.firmware
    reading.mac = fields.mac(at(info, "system", "network_status", "mac"))
    reading.serial = fields.text(info.get("serial"))
    watts = fields.watts(at(preset, "current_preset", "name"))
    reading.power_limit_w = watts or reading.power_limit_w
