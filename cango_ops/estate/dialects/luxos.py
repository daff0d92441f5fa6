"""LuxOS on port 4028: what it can be asked. Reads may be joined with `+`; what changes something is in luxos_commands.

Boards count from 0 at connectors J7 to J9 and are not listed in order. `power` says by `PSU` whether the watts are
measured or estimated. stats is the stock shape with the rates of boards as text.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from cango_ops.estate.dialects import antminer
from cango_ops.estate.dialects.cgminer import status
from cango_ops.estate.dialects.identity import mac, serial
from cango_ops.estate.dialects.pools import SHARE_DIFFICULTY, active_pool, host_of, pool_count, pool_state, pools_of
from cango_ops.estate.machine import Machine, Pulse, board_is_dead, fans_rpm, live_boards
from cango_ops.estate.nameplates import Plate

RELEASE: Final = "2025.4.8.220305"
DESCRIPTION: Final = "LUXminer 2025.4.8.220305-57b389c7"
COMPILE_TIME: Final = "Tue Apr  8 22:05:35 UTC 2025"
CONNECTORS: Final = ("J7", "J9", "J8")
NO_ERRORS: Final = (
    '"Device Hardware%":0,"Device Rejected%":0,"Diff1 Work":0,"Difficulty Accepted":0,"Difficulty Rejected":0,'
    '"Enabled":"Y",'
)
CORNERS: Final = ",".join(
    f'"{corner}":{{"Label":"Board {side} ({end})","Position":[{row},{column}]}}'
    for corner, side, end, row, column in (
        ("BottomLeft", "Exhaust", "bottom", 1, 0), ("BottomRight", "Intake", "bottom", 1, 1),
        ("TopLeft", "Exhaust", "top", 0, 0), ("TopRight", "Intake", "top", 0, 1),
    )
)  # fmt: skip
STEPS: Final = range(-12, 5)
STEP_MHZ: Final = 25


def version(machine: Machine, pulse: Pulse) -> str:
    return (
        f'{{{status("S", 22, "LUXminer versions", DESCRIPTION, pulse.t)},"VERSION":[{{"API":"3.7",'
        f'"CompileTime":"{COMPILE_TIME}","LUXminer":"2025.4.8.220305-57b389c7","Miner":"{RELEASE}",'
        f'"Type":"{machine.plate.wire}"}}],"id":1}}'
    )


def summary(machine: Machine, pulse: Pulse) -> str:
    mean, now, up = f"{pulse.average_ths * 1000:.2f}", f"{pulse.ths * 1000:.2f}", pulse.uptime_s
    return (
        f'{{{status("S", 11, "Summary", DESCRIPTION, pulse.t)},"SUMMARY":[{{"Accepted":{pulse.accepted},'
        f'"Best Share":{machine.key % 10**9},"Device Hardware%":0.0,"Device Rejected%":0.0,'
        f'"Difficulty Accepted":{pulse.accepted * SHARE_DIFFICULTY},'
        f'"Difficulty Rejected":{pulse.rejected * SHARE_DIFFICULTY},"Difficulty Stale":0,"Discarded":0,"Elapsed":{up},'
        f'"Found Blocks":0,"GHS 15m":{mean},"GHS 1m":{now},"GHS 24h":{mean},"GHS 30m":{mean},'
        f'"GHS 5m":{mean},"GHS 5s":{now},"GHS av":{mean},"Get Failures":0,"Getworks":{up // 13},'
        f'"Hardware Errors":{pulse.hw_errors},"Last getwork":{int(pulse.t)},"Local Work":0,"Network Blocks":0,'
        f'"Pool Rejected%":0.0,"Pool Stale%":0.0,"Rejected":{pulse.rejected},"Remote Failures":0,"Stale":0,'
        f'"Total MH":{int(pulse.work_s * machine.plate.ths * 1e6)}.0,'
        f'"Utility":{pulse.accepted * 60 / max(1, up):.2f},"Work Utility":11.5}}],"id":1}}'
    )


def stats(machine: Machine, pulse: Pulse) -> str:
    text = antminer.stats(machine, pulse)
    text = text.replace('"BMMiner":"1.0.0","Miner":"49.0.1.3"', f'"Miner":"{RELEASE}"', 1)
    text = text.replace(antminer.COMPILE_TIME, COMPILE_TIME, 1).replace("CGMiner stats", "LUXminer stats", 1)
    return text.replace('"Description":"cgminer 1.0.0"', f'"Description":"{DESCRIPTION}"', 1)


def devs(machine: Machine, pulse: Pulse) -> str:
    plate, t = machine.plate, int(pulse.t)
    number, live = serial(machine), live_boards(machine, pulse)
    head = f'"Accepted":{pulse.accepted // 3},"Board":"BHB56903","Device Elapsed":{pulse.uptime_s},{NO_ERRORS}'
    state = (
        f'"Hardware Errors":{pulse.hw_errors // 3},"IsRamping":{"true" if pulse.is_starting else "false"},'
        f'"IsUserShutdown":{"true" if pulse.is_asleep else "false"},"Last Share Difficulty":{SHARE_DIFFICULTY},'
        f'"Last Share Pool":{active_pool(machine, pulse.t)},"Last Share Time":{t},"Last Valid Work":{t},'
        f'"Name":"","Nominal MHS":{plate.ths * 1e6 / plate.boards:.1f},"Profile":"{profile_of(machine)}","Rejected":0,'
        f'"Status":"Alive","Total MH":{int(pulse.work_s * plate.ths * 333_333)}.0,"Utility":0}}'
    )
    rows = [
        f'{{"ASC":{n},"ID":{n},"Connector":"{CONNECTORS[n]}","SerialNumber":"JYZ{n}{number}",'
        f'"Temperature":{pcb}.0,{rates_of(ths)}{head}{state}'
        for n, ths, pcb, _ in (*live[2:], *live[:2])
    ]
    return f'{{"DEVS":[{",".join(rows)}],{status("S", 9, f"{plate.boards} ASC(s)", DESCRIPTION, pulse.t)},"id":1}}'


def rates_of(ths: float) -> str:
    """A board's seven windows; they agree, as nothing changes within them."""
    mhs = f"{ths * 1e6:.4f}"
    return (
        f'"MHS 15m":{mhs},"MHS 1m":{mhs},"MHS 30m":{mhs},"MHS 5m":{mhs},"MHS 5s":{mhs},"MHS 60m":{mhs},"MHS av":{mhs},'
    )


def temps(machine: Machine, pulse: Pulse) -> str:
    live = live_boards(machine, pulse)
    rows = _temp_rows(tuple([(n, pcb) for n, _, pcb, _ in live]))
    head = status("S", 201, f"{len(live)} Temp(s)", DESCRIPTION, pulse.t)
    return f'{{"METADATA":[{{{CORNERS}}}],{head},"TEMPS":[{rows}],"id":1}}'


@lru_cache(maxsize=8192)
def _temp_rows(boards_c: tuple[tuple[int, int], ...]) -> str:
    """boards_c: (board, its temperature)"""
    return ",".join(
        f'{{"BottomLeft":{pcb}.0,"BottomRight":{pcb - 13}.0,"ID":{n},"TEMP":{n},"TopLeft":{pcb - 1}.0,'
        f'"TopRight":{pcb - 14}.0}}'
        for n, pcb in boards_c
    )


def fans(machine: Machine, pulse: Pulse) -> str:
    speeds = fans_rpm(machine, pulse)
    head = status("S", 202, f"{len(speeds)} Fan(s)", DESCRIPTION, pulse.t)
    return f'{{"FANCTRL":[{{"MinFans":3,"PowerOffSpeed":20}}],"FANS":[{_fan_rows(speeds)}],{head},"id":1}}'


@lru_cache(maxsize=8192)
def _fan_rows(speeds: tuple[int, ...]) -> str:
    return ",".join(f'{{"FAN":"FAN{n + 1}","ID":{n},"RPM":{rpm},"Speed":{rpm // 66}}}' for n, rpm in enumerate(speeds))


def power(machine: Machine, pulse: Pulse) -> str:
    measured = "true" if machine.key & 1 else "false"
    head = status("S", 311, "Power usage", DESCRIPTION, pulse.t)
    return f'{{"POWER":[{{"PSU":{measured},"Watts":{round(pulse.power_w)}}}],{head},"id":1}}'


def profile_name(plate: Plate, step: int) -> str:
    return "default" if step == 0 else f"{plate.freq_mhz + STEP_MHZ * step}MHz"


def profile_watts(plate: Plate, step: int) -> int:
    """Power rises faster than frequency, as voltage goes along."""
    return round(plate.watts * ((plate.freq_mhz + STEP_MHZ * step) / plate.freq_mhz) ** 1.4)


def profile_of(machine: Machine) -> str:
    settings = machine.control.settings if machine.control else {}
    return settings.get("profile", "default")


def is_atm_on(machine: Machine) -> bool:
    settings = machine.control.settings if machine.control else {}
    return settings.get("atm", "true" if machine.key % 3 else "false") == "true"


def profiles(machine: Machine, pulse: Pulse) -> str:
    plate = machine.plate
    rows = ",".join(
        f'{{"CanRestore":true,"Frequency":{plate.freq_mhz + STEP_MHZ * step},"HasOverrides":false,'
        f'"Hashrate":{plate.ths * (plate.freq_mhz + STEP_MHZ * step) / plate.freq_mhz:.1f},"IsDynamic":true,'
        f'"IsTuned":{"true" if step == 0 else "false"},"Profile Name":"{profile_name(plate, step)}","Step":"{step}",'
        f'"Voltage":{13.2 + 0.1 * step:.2f},"Watts":{profile_watts(plate, step)}}}'
        for step in STEPS
    )
    return f'{{"PROFILES":[{rows}],{status("S", 319, "Profiles", DESCRIPTION, pulse.t)},"id":1}}'


def atm(machine: Machine, pulse: Pulse) -> str:
    enabled = "true" if is_atm_on(machine) else "false"
    return (
        f'{{"ATM":[{{"Enabled":{enabled},"MaxProfile":"","MinProfile":"","PostRampMinutes":15,"StartupMinutes":15,'
        f'"TempWindow":5.0}}],{status("S", 339, "ATM configuration values", DESCRIPTION, pulse.t)},"id":1}}'
    )


def config(machine: Machine, pulse: Pulse) -> str:
    address = machine.address
    return (
        f'{{"CONFIG":[{{"ASC Count":{machine.plate.boards},"ControlBoardType":"cvitek","Cooling":"Air",'
        f'"CurtailMode":"{"Sleep" if pulse.is_asleep else "None"}","DHCP":true,"Hostname":"{machine.place}",'
        f'"IPAddr":"{address}","ImmersionMode":false,"IsAtmEnabled":{"true" if is_atm_on(machine) else "false"},'
        f'"IsPowerSupplyOn":{"false" if pulse.is_asleep else "true"},"IsSingleVoltage":true,'
        f'"IsTuning":{"true" if pulse.is_starting else "false"},"MACAddr":"{mac(machine).lower()}",'
        f'"Model":"{machine.plate.wire}","NameplateTHS":{machine.plate.ths},"OS":"LuxOS","PSULabel":"APW121215e",'
        f'"Pool Count":{pool_count(machine)},"Profile":"{profile_of(machine)}","ProfileStep":"0",'
        f'"SerialNumber":"{serial(machine, "JYZZ")}","Strategy":"Failover",'
        f'"SystemStatus":"{_system(machine, pulse)}"}}],'
        f'{status("S", 33, "LUXminer config", DESCRIPTION, pulse.t)},"id":1}}'
    )


def _system(machine: Machine, pulse: Pulse) -> str:
    if pulse.is_asleep:
        return "Sleeping"
    return "Initializing" if pulse.is_starting else "Normal"


def events(machine: Machine, pulse: Pulse) -> str:
    rows = ",".join(
        f'{{"Code":"REBOOT_NOT_HASHING","CreatedAt":"2026-11-02T08:14:05+00:00","Description":"Board reboot '
        f"due to it not "
        f'hashing.","ID":{board},"Target":"BOARD"}}'
        for board in range(machine.plate.boards)
        if board_is_dead(machine, board)
    )
    return f'{{"EVENTS":[{rows}],{status("S", 357, "Miner Events", DESCRIPTION, pulse.t)},"id":1}}'


def pools(machine: Machine, pulse: Pulse) -> str:
    active, rows = active_pool(machine, pulse.t), []
    for n, pool in enumerate(pools_of(machine)):
        is_active, host = n == active, pool["url"].removeprefix("stratum+tcp://")
        rows.append(
            f'{{"Accepted":{pulse.accepted if is_active else 0},"AsicBoost":true,'
            f'"Diff":"{"262K" if is_active else "0"}",'
            f'"Diff1 Shares":0,"GROUP":0,"Get Failures":0,"Has GBT":false,"Has Stratum":true,'
            f'"Last Share Difficulty":{SHARE_DIFFICULTY if is_active else 0},"Last Share Time":"00:00:01",'
            f'"Long Pool":"N","POOL":{n},"Pool Rejected%":0.0,"Pool Stale%":0.0,"Priority":{n},"Quota":1.0,'
            f'"Rejected":{pulse.rejected if is_active else 0},"Remote Failures":0,"Stale":0,'
            f'"Status":"{pool_state(machine, n, pulse.t)}","Stratum Active":{"true" if is_active else "false"},'
            f'"Stratum URL":"{host or host_of(pool["url"])}","URL":"{pool["url"]}","User":"{pool["user"]}"}}'
        )
    return f'{{"POOLS":[{",".join(rows)}],{status("S", 7, f"{len(rows)} Pool(s)", DESCRIPTION, pulse.t)},"id":1}}'


READS: Final[dict[str, Callable[[Machine, Pulse], str]]] = {
    "version": version, "summary": summary, "stats": stats, "devs": devs, "temps": temps, "fans": fans, "power": power,
    "profiles": profiles, "atm": atm, "config": config, "events": events, "pools": pools,
}  # fmt: skip
