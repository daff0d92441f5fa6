"""Braiins OS on port 4028: the bosminer RPC with its own temps, fans and tunerstatus; commands may be joined with `+`.

Rates are in MH/s, hash boards are numbered 1 to 3 by their connector, and the power is the tuner's approximation.
`pause` and `resume` answer at once and take effect within seconds.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from cango_ops.estate.commands import sleep, wake
from cango_ops.estate.dialects.cgminer import Call, invalid, joined, status
from cango_ops.estate.dialects.pools import SHARE_DIFFICULTY, active_pool, host_of, pool_count, pool_state, pools_of
from cango_ops.estate.machine import PCB_COOLER_C, Machine, Pulse, board_is_dead, fans_rpm, live_boards

DESCRIPTION: Final = "BOSer boser-openwrt 0.1.0-26ba61b9"
TARGET_C: Final = 65
NO_WORK: Final = (
    '"Device Hardware%":0.0,"Device Rejected%":0.0,"Diff1 Work":0,"Difficulty Accepted":0.0,"Difficulty Rejected":0.0,'
)


def answer(call: Call) -> str:
    """The JSON of one answer, joined when the command was."""
    command = call.request.command
    if "+" not in command:
        return _one(call, command, Pulse(call.machine, call.t))
    pulse = Pulse(call.machine, call.t)
    return joined([(part, _one(call, part, pulse)) for part in command.split("+")])


def _one(call: Call, command: str, pulse: Pulse) -> str:
    if command in READS:
        return READS[command](call.machine, pulse)
    if command in ("pause", "resume"):
        (sleep if command == "pause" else wake)(call.machine, call.t)
        call.note(0, command)
        return "{" + status("S", 0, command.capitalize(), DESCRIPTION, call.t) + ',"id":1}'
    return invalid(call.request, DESCRIPTION, call.t)


def version(machine: Machine, pulse: Pulse) -> str:
    head = status("S", 22, "BOSer versions", DESCRIPTION, pulse.t)
    return f'{{{head},"VERSION":[{{"API":"3.7","BOSer":"boser-openwrt 0.1.0-26ba61b9"}}],"id":1}}'


def summary(machine: Machine, pulse: Pulse) -> str:
    head = status("S", 11, "Summary", DESCRIPTION, pulse.t)
    mean, now = f"{pulse.average_ths * 1e6:.6f}", f"{pulse.ths * 1e6:.6f}"
    done = pulse.accepted * SHARE_DIFFICULTY
    return (
        f'{{{head},"SUMMARY":[{{"Accepted":{pulse.accepted},"Best Share":{machine.key % 10**9},"Device Hardware%":0.0,'
        f'"Device Rejected%":0.0,"Difficulty Accepted":{done}.0,'
        f'"Difficulty Rejected":{pulse.rejected * SHARE_DIFFICULTY}.0,"Difficulty Stale":0.0,"Discarded":0,'
        f'"Elapsed":{pulse.uptime_s},"Found Blocks":0,"Get Failures":0,"Getworks":{pulse.uptime_s // 13},'
        f'"Hardware Errors":{pulse.hw_errors},"Last getwork":{int(pulse.t)},"Local Work":{pulse.uptime_s * 90},'
        f'"MHS 15m":{mean},"MHS 1m":{now},"MHS 24h":{mean},"MHS 5m":{mean},'
        f'"MHS 5s":{now},"MHS av":{mean},"Network Blocks":0,"Pool Rejected%":0.0,"Pool Stale%":0.0,'
        f'"Rejected":{pulse.rejected},"Remote Failures":0,"Stale":0,'
        f'"Total MH":{int(pulse.work_s * machine.plate.ths * 1e6)}.0,'
        f'"Utility":{pulse.accepted * 60 / max(1, pulse.uptime_s):.2f},'
        f'"Work Utility":0.0}}],"id":1}}'
    )


def devs(machine: Machine, pulse: Pulse) -> str:
    plate, t = machine.plate, int(pulse.t)
    live = {n: ths for n, ths, _, _ in live_boards(machine, pulse)}
    nominal = f"{plate.ths * 1e6 / plate.boards:.6f}"
    done = (
        f'"Accepted":{pulse.accepted // 3},{NO_WORK}"Hardware Errors":{pulse.hw_errors // 3},'
        f'"Last Share Difficulty":{SHARE_DIFFICULTY}.0,"Last Share Pool":{active_pool(machine, pulse.t)},'
        f'"Last Share Time":{t},"Last Valid Work":{t},"Name":"",'
    )
    rows = []
    for n in range(plate.boards):
        mhs, is_live = f"{live.get(n, 0.0) * 1e6:.6f}", n in live
        rows.append(
            f'{{"ASC":{n},"ID":{n + 1},"Enabled":"{"Y" if is_live else "N"}",'
            f'"Status":"{"Alive" if is_live else "Dead"}",'
            f'"MHS 15m":{mhs},"MHS 1m":{mhs},"MHS 24h":{mhs},"MHS 5m":{mhs},"MHS 5s":{mhs},"MHS av":{mhs},'
            f'"Nominal MHS":{nominal if is_live else "0.000000"},{done}"Rejected":0,"Temperature":0.0,"Total MH":0.0,'
            f'"Utility":0.0}}'
        )
    return f'{{{status("S", 9, f"{len(rows)} ASC(s)", DESCRIPTION, pulse.t)},"DEVS":[{",".join(rows)}],"id":1}}'


def devdetails(machine: Machine, pulse: Pulse) -> str:
    plate = machine.plate
    rows = ",".join(
        f'{{"Chips":{plate.chips},"Cores":{plate.chips * 8},"DEVDETAILS":{board},"Device Path":"","Driver":"",'
        f'"Frequency":{plate.freq_mhz}.0,"ID":{board + 1},"Kernel":"","Model":"{plate.wire}","Name":"","Voltage":13.4}}'
        for board in range(plate.boards)
        if not board_is_dead(machine, board)
    )
    return f'{{{status("S", 69, "Device Details", DESCRIPTION, pulse.t)},"DEVDETAILS":[{rows}],"id":1}}'


def temps(machine: Machine, pulse: Pulse) -> str:
    live = live_boards(machine, pulse)
    rows = _temp_rows(tuple([(n, chip) for n, _, _, chip in live]))
    return f'{{{status("S", 201, f"{len(live)} Temp(s)", DESCRIPTION, pulse.t)},"TEMPS":[{rows}],"id":1}}'


@lru_cache(maxsize=8192)
def _temp_rows(chips_c: tuple[tuple[int, int], ...]) -> str:
    """chips_c: (board, hottest chip)"""
    return ",".join(
        f'{{"Board":{chip - PCB_COOLER_C}.0,"Chip":{chip}.0,"ID":{n + 1},"TEMP":{at}}}'
        for at, (n, chip) in enumerate(chips_c)
    )


def fans(machine: Machine, pulse: Pulse) -> str:
    speeds = fans_rpm(machine, pulse)
    head = status("S", 202, f"{len(speeds)} Fan(s)", DESCRIPTION, pulse.t)
    return f'{{{head},"FANS":[{_fan_rows(speeds)}],"id":1}}'


@lru_cache(maxsize=8192)
def _fan_rows(speeds: tuple[int, ...]) -> str:
    return ",".join(f'{{"FAN":{n},"ID":{n},"RPM":{rpm},"Speed":{rpm // 66}}}' for n, rpm in enumerate(speeds))


def tunerstatus(machine: Machine, pulse: Pulse) -> str:
    power, limit, plate = round(pulse.power_w), machine.limit_w(), machine.plate
    stage = _stage(machine, pulse)
    chain = (
        f'"ApproximatePowerConsumptionWatt":{power // plate.boards},"Iteration":1,"LoadedProfileCreatedOn":0,'
        f'"PowerLimitWatt":{limit // plate.boards},"StageElapsed":{pulse.uptime_s},'
        f'"Status":"{stage}","TunerRunning":{"false" if pulse.is_asleep else "true"}}}'
    )
    rows = ",".join([f'{{"HashchainIndex":{n + 1},{chain}' for n, _, _, _ in live_boards(machine, pulse)])
    return (
        f'{{{status("S", 204, "Tuner Status", DESCRIPTION, pulse.t)},"TUNERSTATUS":[{{'
        f'"ApproximateChainPowerConsumption":{max(0, power - 60)},"ApproximateMinerPowerConsumption":{power},'
        f'"DynamicPowerScaling":"Off","PowerLimit":{limit},"TunerChainStatus":[{rows}],"TunerMode":"PowerTarget",'
        f'"TunerRunning":{"false" if pulse.is_asleep else "true"}}}],"id":1}}'
    )


def _stage(machine: Machine, pulse: Pulse) -> str:
    if pulse.is_asleep:
        return "Paused"
    return "Testing performance profile" if pulse.is_starting else "Stable"


def tempctrl(machine: Machine, pulse: Pulse) -> str:
    head = status("S", 203, "Temperature control", DESCRIPTION, pulse.t)
    return f'{{{head},"TEMPCTRL":[{{"Dangerous":105.0,"Hot":95.0,"Mode":"Automatic","Target":{TARGET_C}.0}}],"id":1}}'


def config(machine: Machine, pulse: Pulse) -> str:
    head = status("S", 33, "BOSer config", DESCRIPTION, pulse.t)
    return (
        f'{{{head},"CONFIG":[{{"ASC Count":{machine.plate.boards},"Device Code":"","Hotplug":"None","Log Interval":0,'
        f'"OS":"Braiins OS","PGA Count":0,"Pool Count":{pool_count(machine)},"Strategy":"Failover"}}],"id":1}}'
    )


def pools(machine: Machine, pulse: Pulse) -> str:
    active, rows = active_pool(machine, pulse.t), []
    for n, pool in enumerate(pools_of(machine)):
        is_active = n == active and not pulse.is_asleep
        accepted = pulse.accepted if n == active else 0
        rows.append(
            f'{{"Accepted":{accepted},"AsicBoost":true,"Bad Work":0,"Best Share":0,"Current Block Height":0,'
            f'"Current Block Version":536870912,"Diff1 Shares":0,"Difficulty Accepted":{accepted * SHARE_DIFFICULTY}.0,'
            f'"Difficulty Rejected":0.0,"Difficulty Stale":0.0,"Discarded":0,"Get Failures":0,"Getworks":0,'
            f'"Has GBT":false,"Has Stratum":true,"Has Vmask":true,"Last Share Difficulty":{SHARE_DIFFICULTY}.0,'
            f'"Last Share Time":{int(pulse.t) - 4},"Long Poll":"N","POOL":{n},"Password":"","Pool Rejected%":0.0,'
            f'"Pool Stale%":0.0,"Priority":{n},"Proxy":"","Proxy Type":"","Quota":1,'
            f'"Rejected":{pulse.rejected if n == active else 0},"Remote Failures":0,"Stale":0,'
            f'"Status":"{pool_state(machine, n, pulse.t)}","Stratum Active":{"true" if is_active else "false"},'
            f'"Stratum Difficulty":{SHARE_DIFFICULTY}.0,"Stratum URL":"{host_of(pool["url"])}","URL":"{pool["url"]}",'
            f'"User":"{pool["user"]}","Work Difficulty":{SHARE_DIFFICULTY}.0,"Works":0}}'
        )
    return f'{{{status("S", 7, f"{len(rows)} Pool(s)", DESCRIPTION, pulse.t)},"POOLS":[{",".join(rows)}],"id":1}}'


READS: Final[dict[str, Callable[[Machine, Pulse], str]]] = {
    "version": version, "summary": summary, "devs": devs, "edevs": devs, "devdetails": devdetails, "temps": temps,
    "fans": fans, "tunerstatus": tunerstatus, "tempctrl": tempctrl, "config": config, "pools": pools,
}  # fmt: skip
