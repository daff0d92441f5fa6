"""Antminer stock firmware's web CGI behind Digest sign-in: reads, and the one write that puts it to sleep.

The whole configuration is written back at a time: pools that are not in it are lost. Mode 0 is normal, 1 sleep, 3 low
power; the write is called freq-level where the read says bitmain-freq-level.
"""

from typing import Any, Final

import msgspec

from cango_ops.estate.chance import hex_of
from cango_ops.estate.commands import limit, reboot, set_pools, sleep, wake
from cango_ops.estate.dialects import antminer
from cango_ops.estate.dialects.digest import challenge, is_signed
from cango_ops.estate.dialects.identity import mac, serial
from cango_ops.estate.dialects.pools import pools_of
from cango_ops.estate.faults import Fault
from cango_ops.estate.http_server import HttpRequest, HttpResponse, json_response
from cango_ops.estate.machine import Machine, Pulse
from cango_ops.estate.world import World

NORMAL, SLEEP, LOW_POWER = "0", "1", "3"
LOW_POWER_SHARE: Final = 0.8
LOW_POWER_SETTLE_S: Final = 120.0
DONE: Final = {"stats": "success", "code": "M000", "msg": "OK!"}
BAD: Final = {"stats": "error", "code": "M001", "msg": "Illegal request!"}


def respond(world: World, machine: Machine, request: HttpRequest, port: int) -> HttpResponse:
    """One CGI's answer."""
    nonce = hex_of(machine.key, 94, 16)
    if not is_signed(request.headers.get("authorization", ""), request.method, nonce):
        return HttpResponse(401, b"", "text/html", {"WWW-Authenticate": challenge(nonce)})
    name = request.path.removeprefix("/cgi-bin/").removesuffix(".cgi")
    if name in WRITES:
        return WRITES[name](world, machine, request, port)
    if name in READS:
        return HttpResponse(200, READS[name](machine, Pulse(machine, world.clock())).encode())
    return HttpResponse(404, b"", "text/html")


def mode_of(machine: Machine) -> str:
    settings = machine.control.settings if machine.control else {}
    return settings.get("work-mode", NORMAL)


def get_system_info(machine: Machine, pulse: Pulse) -> str:
    return _json(
        {
            "minertype": machine.plate.wire, "nettype": "DHCP", "netdevice": "eth0", "macaddr": mac(machine),
            "hostname": machine.place, "ipaddress": machine.address, "netmask": "255.0.0.0", "gateway": "",
            "dnsservers": "", "system_mode": "GNU/Linux", "system_kernel_version": "Linux 4.9.113 #1 SMP PREEMPT",
            "system_filesystem_version": antminer.COMPILE_TIME, "firmware_type": "Release",
            "serinum": serial(machine, "SMTT"),
        }
    )  # fmt: skip


def get_network_info(machine: Machine, pulse: Pulse) -> str:
    return _json(
        {
            "nettype": "DHCP", "netdevice": "eth0", "macaddr": mac(machine), "ipaddress": machine.address,
            "netmask": "255.0.0.0", "conf_nettype": "DHCP", "conf_hostname": machine.place,
        }
    )  # fmt: skip


def get_miner_conf(machine: Machine, pulse: Pulse) -> str:
    return _json(
        {
            "pools": pools_of(machine), "api-listen": True, "api-network": True,
            "api-groups": "A:stats:pools:devs:summary:version", "api-allow": "A:0/0,W:*", "bitmain-fan-ctrl": False,
            "bitmain-fan-pwm": "100", "bitmain-use-vil": True, "bitmain-freq": str(machine.plate.freq_mhz),
            "bitmain-voltage": "1400", "bitmain-ccdelay": "0", "bitmain-pwth": "0",
            "bitmain-work-mode": mode_of(machine), "bitmain-hashrate-percent": "100", "bitmain-freq-level": "100",
        }
    )  # fmt: skip


def summary(machine: Machine, pulse: Pulse) -> str:
    """The lamps of the front page: rate, network, fans and temperature."""
    lamps = {
        "rate": machine.fault in (Fault.DEAD_BOARD, Fault.WEAK), "network": False,
        "fans": machine.fault is Fault.DEAD_FAN, "temp": machine.fault is Fault.HOT,
    }  # fmt: skip
    status = [{"type": name, "status": "e" if bad else "s", "code": 1 if bad else 0, "msg": "abnormal" if bad else ""}
              for name, bad in lamps.items()]  # fmt: skip
    mean = round(pulse.average_ths * 1000, 2)
    row = {
        "elapsed": pulse.uptime_s, "rate_5s": round(pulse.ths * 1000, 2), "rate_30m": mean, "rate_avg": mean,
        "rate_ideal": machine.plate.ths * 1000, "rate_unit": "GH/s", "hw_all": pulse.hw_errors,
        "bestshare": machine.key % 10**9, "status": status,
    }  # fmt: skip
    head = {"STATUS": "S", "when": int(pulse.t), "Msg": "summary", "api_version": "1.0.0"}
    return f'{{"STATUS":{_json(head)},{antminer.info(machine.plate)},"SUMMARY":[{_json(row)}]}}'


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def set_miner_conf(world: World, machine: Machine, request: HttpRequest, port: int) -> HttpResponse:
    """Takes the whole configuration. Without `pools` the machine is left with none."""
    try:
        conf = msgspec.json.decode(request.body, type=dict[str, Any])
    except msgspec.DecodeError:
        world.note(machine, port, "set_miner_conf", "", "M001")
        return json_response(BAD)
    pools = [
        {"url": str(pool.get("url", "")), "user": str(pool.get("user", "")), "pass": str(pool.get("pass", ""))}
        for pool in conf.get("pools", [])
        if isinstance(pool, dict)
    ]
    if pools != pools_of(machine):
        set_pools(machine, world.clock(), pools)
    _set_mode(machine, str(conf.get("miner-mode", conf.get("bitmain-work-mode", NORMAL))), world.clock())
    world.note(machine, port, "set_miner_conf", request.body.decode("latin-1"), "M000")
    return json_response(DONE)


def _set_mode(machine: Machine, mode: str, t: float) -> None:
    before = mode_of(machine)
    machine.commanded(t).settings["work-mode"] = mode
    if mode == SLEEP:
        sleep(machine, t)
        return
    wake(machine, t)
    if mode != before and LOW_POWER in (mode, before):
        share = LOW_POWER_SHARE if mode == LOW_POWER else 1.0
        limit(machine, t, machine.plate.watts * share, LOW_POWER_SETTLE_S)


def do_reboot(world: World, machine: Machine, request: HttpRequest, port: int) -> HttpResponse:
    """It goes down before it can answer, as the real one does."""
    reboot(machine, world.clock())
    world.note(machine, port, "reboot", "", "closed")
    return HttpResponse(hangs=True)


def blink(world: World, machine: Machine, request: HttpRequest, port: int) -> HttpResponse:
    is_on = b"true" in request.body
    world.note(machine, port, "blink", request.body.decode("latin-1"), "B000" if is_on else "B100")
    return json_response({"code": "B000" if is_on else "B100"})


READS: Final = {
    "get_system_info": get_system_info, "get_network_info": get_network_info, "get_miner_conf": get_miner_conf,
    "summary": summary, "stats": antminer.new_stats, "pools": antminer.pools,
}  # fmt: skip
WRITES: Final = {"set_miner_conf": set_miner_conf, "reboot": do_reboot, "blink": blink}
