"""Braiins OS REST (`/api/v1`, release 25.07): sign-in, pause and resume, the power target, and what a driver reads.

The token goes into `Authorization` as it is. A power target outside the constraints is refused with 400; a new one
takes two minutes of tuning.
"""

from typing import Any, Final

import msgspec

from cango_ops.estate.chance import hex_of
from cango_ops.estate.commands import limit, reboot, sleep, wake
from cango_ops.estate.dialects.identity import mac
from cango_ops.estate.http_server import HttpRequest, HttpResponse, json_response
from cango_ops.estate.machine import Machine, Pulse
from cango_ops.estate.world import World

PASSWORD: Final = "root"  # noqa: S105 - the factory's
TOKEN_LIFE_S: Final = 3600
SETTLE_S: Final = 120.0
LEAST_SHARE, MOST_SHARE = 0.35, 1.1
PREFIX: Final = "/api/v1/"
RUNNING, PAUSED = 2, 3


def respond(world: World, machine: Machine, request: HttpRequest, port: int) -> HttpResponse:
    """One answer."""
    name = request.path.removeprefix(PREFIX)
    if name == "auth/login":
        return _login(machine, request)
    if name == "version":
        return json_response({"major": 1, "minor": 0, "patch": 0})
    if request.headers.get("authorization", "").removeprefix("Bearer ") != token_of(machine):
        return json_response({"message": "Unauthenticated"}, 401)
    if request.method == "GET" and name in READS:
        return json_response(READS[name](machine, Pulse(machine, world.clock())))
    return _write(world, machine, request, port, name)


def token_of(machine: Machine) -> str:
    return hex_of(machine.key, 95, 16)


def _login(machine: Machine, request: HttpRequest) -> HttpResponse:
    said = _body(request)
    if (said.get("username"), said.get("password")) != ("root", PASSWORD):
        return json_response({"message": "Invalid username or password"}, 401)
    return json_response({"token": token_of(machine), "timeout_s": TOKEN_LIFE_S})


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        return msgspec.json.decode(request.body, type=dict[str, Any])
    except msgspec.DecodeError:
        return {}


def _write(world: World, machine: Machine, request: HttpRequest, port: int, name: str) -> HttpResponse:
    if request.method != "PUT" or name not in WRITES:
        return json_response({"message": "Not found"}, 404)
    response = WRITES[name](machine, _body(request), world.clock())
    world.note(machine, port, name, request.body.decode("latin-1"), response.status)
    return response


def pause(machine: Machine, body: dict[str, Any], t: float) -> HttpResponse:
    """Says whether it was paused before."""
    was = machine.control is not None and machine.control.is_asleep
    sleep(machine, t)
    return json_response(was)


def resume(machine: Machine, body: dict[str, Any], t: float) -> HttpResponse:
    was = machine.control is None or not machine.control.is_asleep
    wake(machine, t)
    return json_response(was)


def restart(machine: Machine, body: dict[str, Any], t: float) -> HttpResponse:
    reboot(machine, t)
    return json_response(False)


def power_target(machine: Machine, body: dict[str, Any], t: float) -> HttpResponse:
    watt = body.get("watt")
    least, most = machine.plate.watts * LEAST_SHARE, machine.plate.watts * MOST_SHARE
    if not isinstance(watt, int) or not least <= watt <= most:
        return json_response({"message": f"power target must be within {least:.0f} and {most:.0f} W"}, 400)
    limit(machine, t, watt, SETTLE_S)
    return json_response({"watt": watt})


def miner_details(machine: Machine, pulse: Pulse) -> dict[str, Any]:
    return {
        "bos_mode": 4, "bos_version": {"bos_plus": True, "current": "2025-08-06-0-26ba61b9-25.07-plus"},
        "bosminer_uptime_s": pulse.uptime_s, "hostname": machine.place, "mac_address": mac(machine).lower(),
        "miner_identity": {"brand": 1, "miner_model": machine.plate.model, "name": machine.plate.model},
        "serial_number": None, "status": PAUSED if pulse.is_asleep else RUNNING,
        "sticker_hashrate": {"gigahash_per_second": machine.plate.ths * 1000.0}, "system_uptime_s": pulse.uptime_s + 40,
    }  # fmt: skip


def miner_stats(machine: Machine, pulse: Pulse) -> dict[str, Any]:
    now, mean = {"gigahash_per_second": pulse.ths * 1000}, {"gigahash_per_second": pulse.average_ths * 1000}
    return {
        "miner_stats": {
            "best_share": machine.key % 10**9, "found_blocks": 0,
            "nominal_hashrate": {"gigahash_per_second": machine.plate.ths * 1000.0},
            "real_hashrate": {"last_5s": now, "last_1m": now, "last_5m": mean, "last_15m": mean, "last_24h": mean},
        },
        "pool_stats": {"accepted_shares": pulse.accepted, "rejected_shares": pulse.rejected, "stale_shares": 0},
        "power_stats": {"approximated_consumption": {"watt": round(pulse.power_w)}},
    }  # fmt: skip


def tuner_state(machine: Machine, pulse: Pulse) -> dict[str, Any]:
    target = {"watt": machine.limit_w()}
    profile = {"estimated_power_consumption": {"watt": round(pulse.power_w)}, "target": target}
    state = {"powertargetmodestate": {"current_target": target, "profile": profile}}
    return {"mode_state": state, "overall_tuner_state": 2}


def constraints(machine: Machine, pulse: Pulse) -> dict[str, Any]:
    least, most = round(machine.plate.watts * LEAST_SHARE), round(machine.plate.watts * MOST_SHARE)
    target = {"min": {"watt": least}, "default": {"watt": machine.plate.watts}, "max": {"watt": most}}
    return {"tuner_constraints": {"power_target": target}}


READS: Final = {
    "miner/details": miner_details, "miner/stats": miner_stats, "performance/tuner-state": tuner_state,
    "configuration/constraints": constraints,
}  # fmt: skip
WRITES: Final = {
    "actions/pause": pause, "actions/resume": resume, "actions/reboot": restart, "actions/restart": restart,
    "performance/power-target": power_target,
}  # fmt: skip
