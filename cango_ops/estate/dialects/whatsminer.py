"""Whatsminer API v2 on port 4028: what it can be asked in plain words. Commands are in whatsminer_commands.

`summary`, `edevs`, `devs`, `devdetails` and `pools` answer in cgminer's shape, rates in MH/s under `HS RT` and
`MHS av`; `get_*` and `status` have a STATUS that is a string and Code 131.
"""

from collections.abc import Callable
from typing import Final

from cango_ops.estate.dialects.cgminer import status
from cango_ops.estate.dialects.identity import mac, serial
from cango_ops.estate.dialects.pools import active_pool, host_of, pool_state, pools_of
from cango_ops.estate.faults import DEAD_BOARD, DEAD_FAN, HOT
from cango_ops.estate.machine import Machine, Pulse, fans_rpm, live_boards

DESCRIPTION: Final = "cgminer 4.9.2"
FIRMWARE: Final = "20230803.11.REL"
OK: Final = 131
MODES: Final = {"low": 0.82, "normal": 1.0, "high": 1.08}
# What answers in cgminer's shape may be joined with `+`; get_* and status may not.
JOINABLE: Final = frozenset(("summary", "edevs", "devs", "devdetails", "pools"))
FAN_ERRORS: Final = (110, 111)
NO_BOARD_ERROR: Final = 530
HOT_ERROR: Final = 350


def plain(message: str, t: float, letter: str = "S", code: int = OK) -> str:
    """The shape of get_* answers. message: JSON."""
    return f'{{"STATUS":"{letter}","When":{int(t)},"Code":{code},"Msg":{message},"Description":""}}'


def mode_of(machine: Machine) -> str:
    settings = machine.control.settings if machine.control else {}
    return settings.get("mode", "normal")


def summary(machine: Machine, pulse: Pulse) -> str:
    mean, plate, up = f"{pulse.average_ths * 1e6:.2f}", machine.plate, pulse.uptime_s
    fan_in, fan_out = fans_rpm(machine, pulse)
    watts, chip_c, is_starting = round(pulse.power_w), pulse.chip_c, pulse.is_starting
    coolest, is_stable = f"{chip_c - 14:.2f}", "false" if is_starting else "true"
    return (
        f'{{{status("S", 11, "Summary", DESCRIPTION, pulse.t)},"SUMMARY":[{{"Elapsed":{up},'
        f'"MHS av":{mean},"MHS 5s":{pulse.ths * 1e6:.2f},"MHS 1m":{mean},"MHS 5m":{mean},'
        f'"MHS 15m":{mean},"HS RT":{mean},"Found Blocks":0,"Getworks":{up // 11},'
        f'"Accepted":{pulse.accepted},"Rejected":{pulse.rejected},"Hardware Errors":{pulse.hw_errors},'
        f'"Utility":{pulse.accepted * 60 / max(1, up):.2f},"Discarded":0,"Stale":0,"Get Failures":0,'
        f'"Local Work":{up * 60},"Remote Failures":0,"Network Blocks":20,'
        f'"Total MH":{int(pulse.work_s * plate.ths * 1e6)}.0,"Work Utility":0.0,"Best Share":{machine.key % 10**9},'
        f'"Temperature":{coolest},"freq_avg":{plate.freq_mhz if pulse.load else 0},'
        f'"Fan Speed In":{fan_in},"Fan Speed Out":{fan_out},'
        f'"Voltage":{1320 if pulse.load else 0},"Power":{watts},"Power_RT":{watts + 4},'
        f'"Power Limit":{machine.limit_w()},"Power Mode":"{mode_of(machine).capitalize()}","Power Fanspeed":7200,'
        f'"Factory GHS":{plate.ths}000,"Env Temp":{pulse.inlet_c:.2f},"Chip Temp Min":{coolest},'
        f'"Chip Temp Max":{chip_c + 2:.2f},"Chip Temp Avg":{chip_c - 6:.2f},'
        f'"Upfreq Complete":{0 if is_starting else 1},"Target Freq":{plate.freq_mhz},'
        f'"Target MHS":{plate.ths}000000,"Uptime":{up + 38},"Security Mode":0,'
        f'"Hash Stable":{is_stable},"Liquid Cooling":false,'
        f'"MAC":"{mac(machine)}","Error Code Count":{len(errors(machine))},"Firmware Version":"\'{FIRMWARE}\'",'
        f'"Pool Rejected%":0.0,"Pool Stale%":0.0,"Last getwork":0}}],"id":1}}'
    )


def edevs(machine: Machine, pulse: Pulse) -> str:
    plate = machine.plate
    fan_in, fan_out = fans_rpm(machine, pulse)
    freq = plate.freq_mhz if pulse.load else 0
    same = (
        f'"Name":"SM","Enabled":"Y","Status":"Alive","Chip Frequency":{freq},"Frequency":{freq}.0,'
        f'"Accepted":{pulse.accepted // 3},"Rejected":{pulse.rejected // 3},"Hardware Errors":{pulse.hw_errors // 3},'
        f'"Utility":0.0,"Last Share Pool":1,"Last Share Time":{int(pulse.t)},"Device Elapsed":{pulse.uptime_s},'
        f'"Upfreq Complete":{0 if pulse.is_starting else 1},"Effective Chips":{plate.chips},'
        f'"Factory GHS":{plate.ths * 1000 // 3},"Fan Speed In":{fan_in},"Fan Speed Out":{fan_out}}}'
    )
    rows, number = [], serial(machine)
    for n, ths, pcb, chip in live_boards(machine, pulse):
        mhs = f"{ths * 1e6:.2f}"
        rows.append(
            f'{{"ASC":{n},"ID":{n},"Slot":{n},"Temperature":{pcb}.00,"MHS av":{mhs},"MHS 5s":{mhs},"MHS 1m":{mhs},'
            f'"MHS 5m":{mhs},"MHS 15m":{mhs},"PCB SN":"HB{n}{number}","Chip Temp Min":{chip - 16}.00,'
            f'"Chip Temp Max":{chip}.00,"Chip Temp Avg":{chip - 8}.00,{same}'
        )
    return f'{{{status("S", 9, f"{plate.boards} ASC(s)", DESCRIPTION, pulse.t)},"DEVS":[{",".join(rows)}],"id":1}}'


def devdetails(machine: Machine, pulse: Pulse) -> str:
    rows = ",".join(
        f'{{"DEVDETAILS":{board},"Name":"SM","ID":{board},"Driver":"bitmicro","Kernel":"",'
        f'"Model":"{machine.plate.wire.replace("_", "")}"}}'
        for board in range(machine.plate.boards)
    )
    return f'{{{status("S", 69, "Device Details", DESCRIPTION, pulse.t)},"DEVDETAILS":[{rows}],"id":1}}'


def pools(machine: Machine, pulse: Pulse) -> str:
    active, rows = active_pool(machine, pulse.t), []
    for n, pool in enumerate(pools_of(machine)):
        is_active = n == active
        rows.append(
            f'{{"POOL":{n + 1},"URL":"{pool["url"]}","Status":"{pool_state(machine, n, pulse.t)}",'
            f'"Priority":{n},"Quota":1,'
            f'"Long Poll":"N","Getworks":{pulse.uptime_s // 11 if is_active else 0},'
            f'"Accepted":{pulse.accepted if is_active else 0},"Rejected":{pulse.rejected if is_active else 0},'
            f'"Works":0,"Discarded":0,"Stale":0,"Get Failures":0,"Remote Failures":0,"User":"{pool["user"]}",'
            f'"Last Share Time":{int(pulse.t) if is_active else 0},"Has Stratum":true,'
            f'"Stratum Active":{"true" if is_active else "false"},"Stratum URL":"{host_of(pool["url"])}","Has '
            f'GBT":false,'
            f'"Bad Work":0,"Pool Rejected%":0.0,"Pool Stale%":0.0}}'
        )
    return f'{{{status("S", 7, f"{len(rows)} Pool(s)", DESCRIPTION, pulse.t)},"POOLS":[{",".join(rows)}],"id":1}}'


def status_of(machine: Machine, pulse: Pulse) -> str:
    return plain(
        f'{{"mineroff":"{"true" if pulse.is_asleep else "false"}","mineroff_reason":"","mineroff_time":"",'
        f'"FirmwareVersion":"{FIRMWARE}","power_mode":"{mode_of(machine)}","power_limit_set":"{machine.limit_w()}",'
        f'"hash_percent":"0"}}',
        pulse.t,
    )


def get_psu(machine: Machine, pulse: Pulse) -> str:
    return plain(
        f'{{"name":"P222B","hw_version":"","sw_version":"230208.220429","model":"P222B",'
        f'"iin":"{pulse.power_w / 225:.2f}",'
        f'"vin":"225.50","pin":"{round(pulse.power_w)}","fan_speed":"7200","serial_no":"{serial(machine, "PSU")}",'
        f'"vendor":"1","temp0":"{pulse.inlet_c + 14:.1f}"}}',
        pulse.t,
    )


def get_version(machine: Machine, pulse: Pulse) -> str:
    return plain(
        f'{{"api_ver":"2.0.5","fw_ver":"{FIRMWARE}","platform":"H616","chip":"K8EC374-2426 BINVE6-197806A"}}', pulse.t
    )


def get_miner_info(machine: Machine, pulse: Pulse) -> str:
    return plain(
        f'{{"ip":"{machine.address}","proto":"dhcp","netmask":"255.0.0.0","gateway":"","dns":"",'
        f'"hostname":"{machine.place}","mac":"{mac(machine)}","ledstat":"auto","minersn":"{serial(machine, "BTM")}",'
        f'"powersn":"{serial(machine, "PSU")}"}}',
        pulse.t,
    )


def errors(machine: Machine) -> list[int]:
    """The vendor's codes for what is wrong with it."""
    if machine.fault is DEAD_BOARD:
        return [NO_BOARD_ERROR + machine.fault_at % machine.plate.boards]
    if machine.fault is DEAD_FAN:
        return [FAN_ERRORS[machine.fault_at % 2]]
    return [HOT_ERROR] if machine.fault is HOT else []


def get_error_code(machine: Machine, pulse: Pulse) -> str:
    rows = ",".join(f'{{"{code}":"2026-11-02 08:14:05"}}' for code in errors(machine))
    return plain(f'{{"error_code":[{rows}]}}', pulse.t)


READS: Final[dict[str, Callable[[Machine, Pulse], str]]] = {
    "summary": summary, "edevs": edevs, "devs": edevs, "devdetails": devdetails, "pools": pools, "status": status_of,
    "get_psu": get_psu, "get_version": get_version, "get_miner_info": get_miner_info, "get_error_code": get_error_code,
}  # fmt: skip
