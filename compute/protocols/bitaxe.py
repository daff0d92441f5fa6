"""Bitaxe and NerdAxe (AxeOS): GET /api/system/info on HTTP 80 says all. hashRate is in GH/s.

What does not name its ASIC is no miner: scans have met lamps that answer on this path. Source: ESP-Miner's OpenAPI.
"""

from typing import Any, ClassVar

from cango_ops.http_frame import http_get
from cango_ops.wire import Ask, Framing, Garbled
from compute.protocols import cgminer, fields
from compute.protocols.reading import Board, Fault, Pool, Reading, ReadingTalk, State
from compute.protocols.talk import Talk
from compute.protocols.trees import Tree, parse_tree

RATES = ("hashRate", "hashRate_1m", "hashRate_10m")
FAULTS = ("power_fault", "hardware_fault")


def parse(raw: bytes) -> Reading:
    """The reading. Raises Garbled for what is no miner."""
    info = parse_tree(raw)
    asic = fields.text(info.get("ASICModel"))
    if asic is None:
        raise Garbled("no ASICModel: not a miner")
    rates = (fields.ths(info.get(key), "GH") for key in RATES)
    hashrate, uptime = (
        next((rate for rate in rates if rate is not None), None),
        fields.seconds(info.get("uptimeSeconds")),
    )
    model = fields.text(info.get("deviceModel")) or fields.text(info.get("minerModel")) or asic
    return Reading(
        vendor="NerdAxe" if model.lower().startswith("nerd") else "Bitaxe",
        model=model,
        firmware=fields.text(info.get("version")),
        mac=fields.mac(info.get("macAddr", info.get("MACAddr"))),
        uptime_s=uptime,
        state=_state(info, hashrate, uptime),
        hashrate_ths=hashrate,
        expected_hashrate_ths=fields.ths(info.get("expectedHashrate"), "GH") or None,
        power_w=fields.watts(info.get("power")),
        fans_rpm=_fans(info),
        boards=[_board(info, hashrate)],
        pools=_pools(info),
        errors=_faults(info),
    )


def _state(info: Tree, hashrate: float | None, uptime: int | None) -> State:
    if info.get("miningPaused") is True:
        return State.SLEEPING
    if info.get("shutdown") is True:
        return State.STOPPED
    if not hashrate and any(fields.text(info.get(name)) for name in FAULTS):
        return State.FAULT
    return cgminer.state_of(hashrate, uptime)


def _faults(info: Tree) -> list[Fault]:
    """What the firmware holds against itself; the fields of FAULTS are there only while something is wrong."""
    hot = [Fault(code="overheat_mode", message="switched down by heat")] if info.get("overheat_mode") else []
    return hot + [Fault(code=name, message=said) for name in FAULTS if (said := fields.text(info.get(name)))]


def _chips(info: Tree) -> int | None:
    """asicCount, which some versions leave out; else so many as the monitor lists."""
    listed = len(fields.rows(fields.table(info.get("hashrateMonitor")).get("asics")))
    return fields.count(info.get("asicCount")) or listed or None


def _fans(info: Tree) -> list[int] | None:
    """The fans. A machine of one chip has one, whatever stands in fan2rpm while it is 0. NerdAxe lists those it has."""
    listed = [fields.rpm(fan.get("rpm")) for fan in fields.rows(info.get("fans"), 16)]
    if listed:
        return [speed for speed in listed if speed is not None] or None
    first, second = fields.rpm(info.get("fanrpm")), fields.rpm(info.get("fan2rpm", info.get("fanrpm2")))
    if not second and (_chips(info) or 1) == 1:
        second = None
    return [speed for speed in (first, second) if speed is not None] or None


def _celsius(said: Any) -> float | None:
    """-1 is a sensor that is not there."""
    return None if said == -1 else fields.celsius(said)


def _board(info: Tree, hashrate: float | None) -> Board:
    """The one board: its regulator's and its chip's temperature."""
    return Board(
        slot=0,
        hashrate_ths=hashrate,
        temperature_c=_celsius(info.get("vrTemp")),
        chip_temperature_c=fields.highest([_celsius(info.get("temp")), _celsius(info.get("temp2"))]),
        chips=_chips(info),
    )


def _pools(info: Tree) -> list[Pool]:
    """The main pool and the fallback. Shares are counted for the one in use; a NerdAxe may work for both at once."""
    stratum = fields.table(info.get("stratum"))
    each = fields.rows(stratum.get("pools"), 3)
    on_fallback = bool(info.get("isUsingFallbackStratum") or stratum.get("usingFallback"))
    shares = (fields.count(info.get("sharesAccepted")), fields.count(info.get("sharesRejected")))
    pools = _slots(info, on_fallback, shares)
    if pools:
        return pools
    for place, (prefix, used) in enumerate((("stratum", not on_fallback), ("fallbackStratum", on_fallback))):
        url, port = fields.pool_url(info.get(f"{prefix}URL")), fields.count(info.get(f"{prefix}Port"))
        if url is not None:
            accepted, rejected = shares if used else (None, None)
            if len(each) == 2:
                accepted, rejected = (fields.count(each[place].get(key)) for key in ("accepted", "rejected"))
                used = each[place].get("connected") is True
            address = f"{url}:{port}" if port is not None else url
            user = fields.text(info.get(f"{prefix}User"))
            pools.append(Pool(url=address, user=user, accepted=accepted, rejected=rejected, active=used))
    return pools


def _slots(info: Tree, on_fallback: bool, shares: tuple[int | None, int | None]) -> list[Pool]:
    """The pools of AxeOS 2.15 on, which keeps up to eight and names two of them by number; none where it lists none."""
    used = fields.count(info.get("secondaryPoolIndex" if on_fallback else "primaryPoolIndex"))
    pools = []
    for row in fields.rows(info.get("pools"), 8):
        url, port = fields.pool_url(row.get("stratumURL")), fields.count(row.get("stratumPort"))
        active = used is not None and fields.count(row.get("id")) == used
        accepted, rejected = shares if active else (None, None)
        if url is not None:
            address, user = f"{url}:{port}" if port is not None else url, fields.text(row.get("stratumUser"))
            pools.append(Pool(url=address, user=user, accepted=accepted, rejected=rejected, active=active))
    return pools


class Bitaxe:
    """Open-source miners with AxeOS. One connection per sweep."""

    name: ClassVar[str] = "bitaxe"
    port: ClassVar[int] = 80

    def poll(self) -> ReadingTalk:
        talk = Talk()
        reading = yield from talk.ask(Ask("system_info", http_get("/api/system/info"), Framing.HTTP), parse)
        return talk.finish(reading or Reading())

    def inspect(self) -> ReadingTalk:
        return self.poll()
