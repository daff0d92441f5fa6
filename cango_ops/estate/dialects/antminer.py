"""Antminer stock firmware on port 4028: version, summary, stats, pools, devs; one command per connection.

Keys and quirks after the stock firmware of 2022-25: hashrates in GH/s under `GHS`, four sensors of a board in one dash
list, empty chains as "" and 0, `Pool Stale%%` with two signs, no power figure at all, and no joined commands.
"""

from functools import lru_cache
from typing import Final

from cango_ops.estate.dialects.cgminer import ACCESS_DENIED, Call, invalid, refused, status
from cango_ops.estate.dialects.pools import SHARE_DIFFICULTY, active_pool, host_of, pool_state, pools_of
from cango_ops.estate.faults import DEAD_BOARD
from cango_ops.estate.machine import Machine, Pulse, board_c, board_is_dead, board_ths, fans_rpm, live_boards
from cango_ops.estate.nameplates import Plate

DESCRIPTION: Final = "cgminer 1.0.0"
MINER_VERSION: Final = "49.0.1.3"
COMPILE_TIME: Final = "Tue Dec  6 16:12:30 CST 2022"
# Access group R may not call these; stock firmware has nobody in group W.
PRIVILEGED: Final = frozenset(
    (
        "addpool", "asc", "ascdisable", "ascenable", "ascset", "disablepool", "enablepool", "poolpriority", "quit",
        "removepool", "restart", "save", "setconfig", "switchpool", "zero",
    )
)  # fmt: skip


def answer(call: Call) -> str:
    """The JSON of one answer."""
    request, t = call.request, call.t
    render = READS.get(request.command)
    if render is not None:
        if request.command == "stats" and request.body.get("new_api"):
            return new_stats(call.machine, Pulse(call.machine, t))
        return render(call.machine, Pulse(call.machine, t))
    if request.command in PRIVILEGED:
        call.note(ACCESS_DENIED)
        return refused(ACCESS_DENIED, f"Access denied to '{request.command}' command", DESCRIPTION, t)
    return invalid(request, DESCRIPTION, t)


def version(machine: Machine, pulse: Pulse) -> str:
    head = status("S", 22, "CGMiner versions", DESCRIPTION, pulse.t)
    return (
        f'{{{head},"VERSION":[{{"BMMiner":"1.0.0","API":"3.1","Miner":"{MINER_VERSION}",'
        f'"CompileTime":"{COMPILE_TIME}","Type":"{machine.plate.wire}"}}],"id":1}}'
    )


SUMMARY: Final = (
    '{"STATUS":[{"STATUS":"S","When":%d,"Code":11,"Msg":"Summary","Description":"cgminer 1.0.0"}],"SUMMARY":[{'
    '"Elapsed":%d,"GHS 5s":%.2f,"GHS av":%.2f,"GHS 30m":%.2f,"Found Blocks":0,"Getwork":%d,"Accepted":%d,'
    '"Rejected":%d,"Hardware Errors":%d,"Utility":%.2f,"Discarded":%d,"Stale":%d,"Get Failures":0,"Local Work":%d,'
    '"Remote Failures":0,"Network Blocks":%d,"Total MH":%.1f,"Work Utility":%.2f,"Difficulty Accepted":%.1f,'
    '"Difficulty Rejected":%.1f,"Difficulty Stale":0.0,"Best Share":%d,"Device Hardware%%":0.0,"Device Rejected%%":0.0,'
    '"Pool Rejected%%":%.4f,"Pool Stale%%":0.0,"Last getwork":%d}],"id":1}'
)


def summary(machine: Machine, pulse: Pulse) -> str:
    up, accepted, average = pulse.uptime_s, pulse.accepted, pulse.average_ths * 1000
    return SUMMARY % (
        pulse.t, up, pulse.ths * 1000, average, average, up // 13, accepted, pulse.rejected, pulse.hw_errors,
        accepted * 60 / max(1, up), up * 90, accepted // 4000, up * 90, up // 600,
        pulse.work_s * machine.plate.ths * 1e6, pulse.average_ths * 13_970, accepted * SHARE_DIFFICULTY,
        pulse.rejected * SHARE_DIFFICULTY,
        machine.key % 13_000_000_000, 100 * pulse.rejected / max(1, accepted), pulse.t,
    )  # fmt: skip


HEAD: Final = (
    '{"STATUS":[{"STATUS":"S","When":%%d,"Code":70,"Msg":"CGMiner stats","Description":"cgminer 1.0.0"}],"STATS":['
    '{"BMMiner":"1.0.0","Miner":"49.0.1.3","CompileTime":"Tue Dec  6 16:12:30 CST 2022","Type":"%s"},'
    '{"STATS":0,"ID":"BTM_SOC0","Elapsed":%%d,"Calls":0,"Wait":0,"Max":0,"Min":99999999,"GHS 5s":%%.2f,"GHS av":%%s,'
    '"rate_30m":%%s,"total rate":%%s,"no_matching_work":%%d,"miner_id":"%%016x","fan1":%%d,"fan2":%%d,"fan3":%%d,'
    '"fan4":%%d,"Mode":2,"fan_num":%d,"frequency":%d,"miner_count":%d,"temp_num":%d,"total_rateideal":%.1f,'
    '"rate_unit":"GH","total_freqavg":%d,"total_acn":%d,'
)
CHAIN: Final = (
    '"temp%(n)d":%(pcb)d,"temp2_%(n)d":%(chip)d,"temp_pcb%(n)d":"%(pcbs)s","temp_chip%(n)d":"%(chips)s",'
    '"temp_pic%(n)d":"%(pics)s","freq%(n)d":%(freq)d,"chain_acn%(n)d":%(acn)d,"chain_acs%(n)d":"%(acs)s",'
    '"chain_hw%(n)d":%%d,"chain_rate%(n)d":"%%.2f",'
)
DEAD_CHAIN: Final = (
    '"temp%(n)d":0,"temp2_%(n)d":0,"temp_pcb%(n)d":"0-0-0-0","temp_chip%(n)d":"0-0-0-0","temp_pic%(n)d":"0-0-0-0",'
    '"freq%(n)d":0,"chain_acn%(n)d":0,"chain_acs%(n)d":"","chain_hw%(n)d":0,"chain_rate%(n)d":"",'
)
DEAD_CHAINS: Final = tuple(DEAD_CHAIN % {"n": n} for n in range(1, 5))
TAIL: Final = (
    '"temp_pcb4":"0-0-0-0","temp_chip4":"0-0-0-0","temp_pic4":"0-0-0-0","freq4":0,"chain_acn4":0,"chain_acs4":"",'
    '"chain_hw4":0,"chain_rate4":"","temp_max":0,"miner_version":"49.0.1.3"}],"id":1}'
)


@lru_cache(maxsize=64)
def head_of(plate: Plate, boards: int) -> str:
    """The template of what stands before the chains, for a model with so many boards alive."""
    return HEAD % (
        plate.wire, plate.fans, plate.freq_mhz, boards, boards, plate.ths * 1000, plate.freq_mhz, boards * plate.chips,
    )  # fmt: skip


@lru_cache(maxsize=64)
def chip_marks(chips: int) -> str:
    """`o` for every chip that answers, in groups of three."""
    return "".join(" ooo" if i + 3 <= chips else " " + "o" * (chips - i) for i in range(0, chips, 3))


@lru_cache(maxsize=8192)
def chain_at(board: int, freq_mhz: int, chips: int, pcb: int, chip: int) -> str:
    """The template of one chain at these temperatures, with its errors and its rate still open."""
    sensors = {name: "-".join(map(str, (c, c - 14, c - 3, c - 1))) for name, c in
               (("pcbs", pcb), ("chips", chip), ("pics", pcb - 5))}  # fmt: skip
    return CHAIN % {
        "n": board + 1, "pcb": pcb, "chip": chip, "freq": freq_mhz, "acn": chips, "acs": chip_marks(chips), **sensors,
    }  # fmt: skip


def chains(machine: Machine, pulse: Pulse) -> str:
    """Every chain of `stats`, alive or dead, in its place."""
    plate, errors = machine.plate, pulse.hw_errors // 3
    texts = list(DEAD_CHAINS[: plate.boards])
    for n, ths, pcb, chip in live_boards(machine, pulse):
        texts[n] = chain_at(n, plate.freq_mhz, plate.chips, pcb, chip) % (errors, ths * 1000)
    return "".join(texts)


def stats(machine: Machine, pulse: Pulse) -> str:
    plate, mean = machine.plate, f"{pulse.average_ths * 1000:.2f}"
    head = head_of(plate, plate.boards - (machine.fault is DEAD_BOARD)) % (
        pulse.t, pulse.uptime_s, pulse.ths * 1000, mean, mean, mean, pulse.hw_errors, machine.key,
        *fans_rpm(machine, pulse),
    )  # fmt: skip
    return head + chains(machine, pulse) + TAIL


def new_stats(machine: Machine, pulse: Pulse) -> str:
    """`stats` with `new_api`, and the web's stats.cgi: one object per chain."""
    plate = machine.plate
    chains = ",".join(_new_chain(machine, pulse, board) for board in range(plate.boards))
    fans = ",".join(map(str, fans_rpm(machine, pulse)))
    return (
        f'{{"STATUS":{{"STATUS":"S","when":{int(pulse.t)},"Msg":"stats","api_version":"1.0.0"}},{info(plate)},'
        f'"STATS":[{{"elapsed":{pulse.uptime_s},"rate_5s":{pulse.ths * 1000:.2f},'
        f'"rate_30m":{pulse.average_ths * 1000:.2f},"rate_avg":{pulse.average_ths * 1000:.2f},'
        f'"rate_ideal":{plate.ths * 1000:.1f},"rate_unit":"GH/s","chain_num":{plate.boards},"fan_num":{plate.fans},'
        f'"fan":[{fans}],"hwp_total":0.0,"miner-mode":{1 if pulse.is_asleep else 0},"freq-level":100,'
        f'"chain":[{chains}]}}]}}'
    )


def info(plate: Plate) -> str:
    return f'"INFO":{{"miner_version":"{MINER_VERSION}","CompileTime":"{COMPILE_TIME}","type":"{plate.wire}"}}'


def _new_chain(machine: Machine, pulse: Pulse, board: int) -> str:
    plate = machine.plate
    pcb, chip = board_c(machine, pulse, board)
    chips = 0 if board_is_dead(machine, board) else plate.chips
    return (
        f'{{"index":{board},"freq_avg":{plate.freq_mhz},"rate_ideal":{plate.ths * 1000 / plate.boards:.1f},'
        f'"rate_real":{board_ths(machine, pulse, board) * 1000:.2f},"asic_num":{chips},'
        f'"temp_pic":[{pcb - 5},{pcb - 19},{pcb - 8},{pcb - 6}],"temp_pcb":[{pcb},{pcb - 14},{pcb - 3},{pcb - 1}],'
        f'"temp_chip":[{chip},{chip - 15},{chip - 2},{chip - 1}],"hw":{pulse.hw_errors // 3},"eeprom_loaded":true,'
        f'"sn":"SMTTHQ{(machine.key >> board) % 10**11:011d}","hwp":0.0}}'
    )


POOL: Final = (
    '{"POOL":%d,"URL":"%s","Status":"%s","Priority":%d,"Quota":1,"Long Poll":"N","Getworks":%d,"Accepted":%d,'
    '"Rejected":%d,"Discarded":0,"Stale":0,"Get Failures":0,"Remote Failures":0,"User":"%s","Last Share Time":"%s",'
    '"Diff":"%s","Diff1 Shares":0,"Proxy Type":"","Proxy":"","Difficulty Accepted":%.1f,"Difficulty Rejected":%.1f,'
    '"Difficulty Stale":0.0,"Last Share Difficulty":%.1f,"Has Stratum":true,"Stratum Active":%s,"Stratum URL":"%s",'
    '"Has GBT":false,"Best Share":0.0,"Pool Rejected%%":0.0,"Pool Stale%%%%":0.0}'
)


def pools(machine: Machine, pulse: Pulse) -> str:
    active, rows = active_pool(machine, pulse.t), []
    for n, pool in enumerate(pools_of(machine)):
        is_active = n == active
        done = (pulse.accepted, pulse.rejected) if is_active else (0, 0)
        rows.append(
            POOL
            % (
                n, pool["url"], pool_state(machine, n, pulse.t), n, pulse.uptime_s // 13 if is_active else 0, *done,
                pool["user"], "0:00:03" if is_active else "0", "262K" if is_active else "", done[0] * SHARE_DIFFICULTY,
                done[1] * SHARE_DIFFICULTY, SHARE_DIFFICULTY if is_active else 0, "true" if is_active else "false",
                host_of(pool["url"]) if is_active else "",
            )
        )  # fmt: skip
    return f'{{{status("S", 7, f"{len(rows)} Pool(s)", DESCRIPTION, pulse.t)},"POOLS":[{",".join(rows)}],"id":1}}'


def devs(machine: Machine, pulse: Pulse) -> str:
    """Stock firmware knows one device and leaves its rates at zero."""
    head = status("S", 9, "1 ASC(s)", DESCRIPTION, pulse.t)
    t = int(pulse.t)
    return (
        f'{{{head},"DEVS":[{{"ASC":0,"Name":"BTM_SOC","ID":0,"Enabled":"Y","Status":"Alive","Tenperature":0.0,'
        f'"MHS av":0.0,"MHS 5s":0.0,"Accepted":{pulse.accepted},"Rejected":{pulse.rejected},"Hardware Errors":0,'
        f'"Utility":0.0,"Last Share Pool":0,"Last Share Time":{t},"Total MH":0.0,"Diff1 Work":0,'
        f'"Difficulty Accepted":{pulse.accepted * SHARE_DIFFICULTY},'
        f'"Difficulty Rejected":{pulse.rejected * SHARE_DIFFICULTY},"Last Share Difficulty":{SHARE_DIFFICULTY},'
        f'"Last Valid Work":{t},"Device Hardware%":0.0,"Device Rejected%":0.0,"Device '
        f'Elapsed":{pulse.uptime_s}}}],"id":1}}'
    )


READS: Final = {"version": version, "summary": summary, "stats": stats, "pools": pools, "devs": devs}
