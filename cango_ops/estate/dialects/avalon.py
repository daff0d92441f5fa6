"""Avalon on port 4028: cgminer 4.11 with everything of interest packed into one string, `MM ID0`, as `Key[value]`.

PS[] holds the supply's figures by position, and which is the power depends on the model: the fifth on a 1246, the
seventh later, where the fifth is what leaves the supply. The clock in STATUS is the uptime. softoff and softon carry
the Unix time at which to act.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from cango_ops.estate.commands import limit, reboot, sleep, wake
from cango_ops.estate.dialects.cgminer import Call, invalid, joined, refused, status
from cango_ops.estate.dialects.identity import dna, mac
from cango_ops.estate.dialects.pools import SHARE_DIFFICULTY, active_pool, host_of, pool_count, pool_state, pools_of
from cango_ops.estate.machine import Board, Machine, Pulse, board_is_dead, fans_rpm, live_boards
from cango_ops.estate.nameplates import Plate

DESCRIPTION: Final = "cgminer 4.11.1"
BUILD: Final = "24102401_25462b2_9ddf522"
MODE_SETTLE_S: Final = 120.0
MODE_SHARES: Final = {0: 0.82, 1: 1.0}


def answer(call: Call) -> str:
    """The JSON of one answer, joined when the command was."""
    command = call.request.command
    if command == "ascset":
        return ascset(call)
    pulse = Pulse(call.machine, call.t)
    if "+" in command and all(part in READS for part in command.split("+")):
        return joined([(part, READS[part](call.machine, pulse)) for part in command.split("+")])
    if command in READS:
        return READS[command](call.machine, pulse)
    return invalid(call.request, DESCRIPTION, call.t)


def version(machine: Machine, pulse: Pulse) -> str:
    wire = machine.plate.wire
    return (
        f'{{{_head(22, "CGMiner versions", pulse)},"VERSION":[{{"CGMiner":"4.11.1","API":"3.7",'
        f'"PROD":"{machine.plate.model}","MODEL":"{wire}","HWTYPE":"MM4v2_X3","SWTYPE":"MM317",'
        f'"VERSION":"{wire}-{BUILD}","LOADER":"d0d779de.00","DNA":"{dna(machine)}",'
        f'"MAC":"{mac(machine).replace(":", "").lower()}","UPAPI":"2"}}],"id":1}}'
    )


def _head(code: int, message: str, pulse: Pulse) -> str:
    return status("S", code, message, DESCRIPTION, pulse.uptime_s)


def summary(machine: Machine, pulse: Pulse) -> str:
    mean, now = pulse.average_ths * 1e6, pulse.ths * 1e6
    return (
        f'{{{_head(11, "Summary", pulse)},"SUMMARY":[{{"Elapsed":{pulse.uptime_s},"MHS av":{mean:.2f},'
        f'"MHS 5s":{now:.2f},"MHS 1m":{now:.2f},"MHS 5m":{mean:.2f},"MHS 15m":{mean:.2f},"Found Blocks":0,'
        f'"Getworks":{pulse.uptime_s // 30},"Accepted":{pulse.accepted},"Rejected":{pulse.rejected},'
        f'"Hardware Errors":{pulse.hw_errors},"Utility":{pulse.accepted * 60 / max(1, pulse.uptime_s):.2f},'
        f'"Discarded":0,'
        f'"Stale":0,"Get Failures":0,"Local Work":{pulse.uptime_s * 40},"Remote Failures":0,"Network Blocks":68,'
        f'"Total MH":{pulse.work_s * machine.plate.ths * 1e6:.4f},"Work Utility":{pulse.average_ths * 13_970:.2f},'
        f'"Difficulty Accepted":{pulse.accepted * SHARE_DIFFICULTY}.0,'
        f'"Difficulty Rejected":{pulse.rejected * SHARE_DIFFICULTY}.0,"Difficulty Stale":0.0,'
        f'"Best Share":{machine.key % 10**9},"Device Hardware%":0.0,"Device Rejected%":0.0,"Pool Rejected%":0.0,'
        f'"Pool Stale%":0.0,"Last getwork":0}}],"id":1}}'
    )


@lru_cache(maxsize=4096)
def chip_temps(chips: int, hottest: int) -> str:
    """The row of chip temperatures below the hottest one: higher towards the warm end of the board."""
    return "".join(f" {hottest - 9 + (9 * i) // max(1, chips - 1) - (i % 3):3d}" for i in range(chips))


@lru_cache(maxsize=64)
def _voltages(boards: int, chips: int) -> str:
    row = " ".join(str(300 + 3 * (i % 5)) for i in range(chips))
    return "".join(f" PVT_V{n}[{row}]" for n in range(boards))


def _boards(machine: Machine, live: list[Board]) -> str:
    plate = machine.plate
    texts = [f"PVT_T{n}[]" for n in range(plate.boards)]
    for n, _, _, chip in live:
        texts[n] = f"PVT_T{n}[{chip_temps(plate.chips, chip)}]"
    return " ".join(texts) + _voltages(plate.boards, plate.chips)


def mm(machine: Machine, pulse: Pulse) -> str:
    """The packed string."""
    plate, live, up = machine.plate, live_boards(machine, pulse), pulse.uptime_s
    rates, temps = ["0.00"] * plate.boards, [0] * plate.boards
    for n, ths, _, chip in live:
        rates[n], temps[n] = f"{ths * 1000:.2f}", chip
    hot, speeds = max(temps), fans_rpm(machine, pulse)
    fans = " ".join([f"Fan{n}[{rpm}]" for n, rpm in enumerate(speeds, 1)])
    return (
        f"Ver[{plate.wire}-{BUILD}] DNA[{dna(machine)}] MEMFREE[1201472.0] NETFAIL[0 0 0 0 0 0 0 0] "
        f"SYSTEMSTATU[Work: {'In Idle' if pulse.is_asleep else 'In Work'}, Hash Board: {len(live)} ] "
        f"Elapsed[{up}] BOOTBY[0x08.00000000] "
        f"LW[{up * 990}] MH[{pulse.hw_errors} 0 0] HW[{pulse.hw_errors}] DH[2.{machine.key % 900:03d}%] "
        f"Temp[{int(pulse.inlet_c)}] TMax[{hot}] TAvg[{hot - 9}] {fans} FanR[{speeds[0] // 66}%] Vo[329] "
        f"PS[{_supply(machine, round(pulse.power_w))}] GHSspd[{pulse.ths * 1000:.2f}] DHspd[2.1%] "
        f"GHSmm[{plate.ths}000.00] GHSavg[{pulse.average_ths * 1000:.2f}] WU[{pulse.average_ths * 13_970:.2f}] "
        f"Freq[{plate.freq_mhz}.41] Led[0] MGHS[{' '.join(rates)}] MTmax[{' '.join(map(str, temps))}] "
        f"MTavg[{' '.join([str(max(0, chip - 9)) for chip in temps])}] TA[{len(live) * plate.chips}] Core[A3201] "
        f"PING[{20 + machine.key % 60}] POWS[0] HASHS[0 0 0] POOLS[{pool_count(machine)}] "
        f"SoftOFF[{1 if pulse.is_asleep else 0}] ECHU[0 0 0] ECMM[{_fault_bits(machine)}] "
        f"{_boards(machine, live)} CRC[0 0 0] "
        f"POW_I2C[OK] ADJ[1] MPO[{machine.limit_w()}] MVL[87] WORKMODE[{_mode(machine)}]"
    )


def _supply(machine: Machine, watts: int) -> str:
    out, wall = (watts, round(watts * 1.099)) if "1246" in machine.plate.model else (round(watts * 0.945), watts)
    return f"0 1214 1316 {out * 10 // 131} {out} 1320 {wall}"


def _fault_bits(machine: Machine) -> int:
    return sum(1 << board for board in range(machine.plate.boards) if board_is_dead(machine, board))


def _mode(machine: Machine) -> str:
    return machine.control.settings.get("workmode", "1") if machine.control else "1"


def stats(machine: Machine, pulse: Pulse) -> str:
    return (
        f'{{{_head(70, "CGMiner stats", pulse)},"STATS":[{{"STATS":0,"ID":"AVA100","Elapsed":{pulse.uptime_s},'
        f'"Calls":0,'
        f'"Wait":0.000000,"Max":0.000000,"Min":99999999.000000,"MM ID0":"{mm(machine, pulse)}","MM Count":1,'
        f'"Smart Speed":1,"Voltage Level Offset":0,"Nonce Mask":25}}],"id":1}}'
    )


def devs(machine: Machine, pulse: Pulse) -> str:
    mean = pulse.average_ths * 1e6
    return (
        f'{{{_head(9, "1 ASC(s)", pulse)},"DEVS":[{{"ASC":0,"Name":"AVA10","ID":0,"Enabled":"Y","Status":"Alive",'
        f'"Temperature":{int(pulse.inlet_c)}.00,"MHS av":{mean:.2f},"MHS 5s":{pulse.ths * 1e6:.2f},"MHS 1m":{mean:.2f},'
        f'"MHS 5m":{mean:.2f},"MHS 15m":{mean:.2f},"Accepted":{pulse.accepted},"Rejected":{pulse.rejected},'
        f'"Hardware Errors":{pulse.hw_errors},"Device Elapsed":{pulse.uptime_s}}}],"id":1}}'
    )


def pools(machine: Machine, pulse: Pulse) -> str:
    active, rows = active_pool(machine, pulse.t), []
    for n, pool in enumerate(pools_of(machine)):
        is_active = n == active
        rows.append(
            f'{{"POOL":{n},"URL":"{pool["url"]}","Status":"{pool_state(machine, n, pulse.t)}","Priority":{n},"Quota":1,'
            f'"Long Poll":"N","Getworks":{pulse.uptime_s // 30 if is_active else 0},'
            f'"Accepted":{pulse.accepted if is_active else 0},"Rejected":{pulse.rejected if is_active else 0},'
            f'"Works":0,"Discarded":0,"Stale":0,"Get Failures":0,"Remote Failures":0,"User":"{pool["user"]}",'
            f'"Password":"x","Last Share Time":{pulse.uptime_s if is_active else 0},"Has Stratum":true,'
            f'"Stratum Active":{"true" if is_active else "false"},"Stratum URL":"{host_of(pool["url"])}",'
            f'"Stratum Difficulty":{SHARE_DIFFICULTY}.0,"Has GBT":false,"Pool Rejected%":0.0,"Pool Stale%":0.0}}'
        )
    return f'{{{_head(7, f"{len(rows)} Pool(s)", pulse)},"POOLS":[{",".join(rows)}],"id":1}}'


def ascset(call: Call) -> str:
    """`0,softoff,1:<unix>`, `0,softon,1:<unix>`, `0,workmode,set,N`, `0,reboot,0`."""
    _, verb, *rest = [*call.request.parameter.split(","), "", ""]
    if verb in ("softoff", "softon"):
        return _soft(call, verb, rest[0])
    if verb == "workmode" and rest[0] == "set" and rest[1].isdigit() and int(rest[1]) in MODE_SHARES:
        plate: Plate = call.machine.plate
        limit(call.machine, call.t, plate.watts * MODE_SHARES[int(rest[1])], MODE_SETTLE_S)
        call.machine.commanded(call.t).settings["workmode"] = rest[1]
        return _set(call, "S", 119, "ASC 0 set OK")
    if verb == "reboot":
        reboot(call.machine, call.t)
        return _set(call, "S", 119, "ASC 0 set OK")
    call.note(120)
    return refused(120, f"ASC 0 set failed: Unknown option: {verb}", DESCRIPTION, call.t)


def _soft(call: Call, verb: str, when: str) -> str:
    at = when.partition(":")[2]
    if not at.isdigit():
        call.note(120)
        return refused(120, f"ASC 0 set failed: {verb} bad value", DESCRIPTION, call.t)
    # A moment that is past means at once; the machine keeps no appointments further away than its clock's minute.
    (sleep if verb == "softoff" else wake)(call.machine, max(call.t, min(float(at), call.t + 60)))
    return _set(call, "I", 118, f"ASC 0 set info: success {verb}:{at}")


def _set(call: Call, letter: str, code: int, message: str) -> str:
    call.note(code)
    return "{" + status(letter, code, message, DESCRIPTION, call.t) + ',"id":1}'


READS: Final[dict[str, Callable[[Machine, Pulse], str]]] = {
    "version": version, "summary": summary, "stats": stats, "estats": stats, "devs": devs, "pools": pools,
}  # fmt: skip
