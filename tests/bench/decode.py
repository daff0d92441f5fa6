"""Microseconds from an answer's bytes to a reading, beside json.loads of the same bytes in the same run.

    python -m tests.bench.decode [--seconds 0.3]

Answers are those a sweep meets: an S19's `stats`, a Whatsminer's summary and boards, a LuxOS's joined reports, an
Avalon's `stats`, a node of eight GPUs. The whole conversation is timed, as the collector runs it; rounds alternate,
the best round counts.
"""

import argparse
import json
import time
from collections.abc import Callable
from typing import Any

import msgspec

from cango_ops.wire import Conversation
from compute.protocols import ADAPTERS


def stock_stats() -> bytes:
    """4 KB as an S19's firmware writes it: sixteen places for chains, three in use."""
    row: dict[str, Any] = {"STATS": 0, "ID": "BTM_SOC0", "Elapsed": 199068, "GHS 5s": "110566.89", "GHS av": 111834.63}
    row |= {"rate_30m": 111878.26, "rate_unit": "GH", "miner_count": 3, "frequency": "525", "fan_num": 4}
    row |= {f"fan{at}": speed for at, speed in enumerate((6000, 5880, 5040, 5040, 0, 0, 0, 0), 1)}
    for at in range(1, 17):
        used = at < 4
        row |= {f"temp{at}": 73 - at if used else 0, f"temp2_{at}": 78 if used else 0, f"temp3_{at}": 0}
        row |= {f"temp_pcb{at}": "73-45-64-65" if used else "-", f"temp_chip{at}": "78-50-69-70" if used else "-"}
        row |= {f"freq_avg{at}": 525.0 if used else 0.0, f"chain_rateideal{at}": 36911.0 if used else 0.0}
        row |= {f"chain_acn{at}": 114 if used else 0, f"chain_acs{at}": " ooo" * 38 if used else ""}
        row |= {f"chain_hw{at}": 183 if used else 0, f"chain_rate{at}": "37603.30" if used else ""}
    row |= {"total_rateideal": 110000.0, "total_acn": 342, "temp_max": 0, "miner_version": "49.0.1.3"}
    head = {"BMMiner": "1.0.0", "Miner": "49.0.1.3", "CompileTime": "Tue Dec  6 2022", "Type": "Antminer S19 Pro"}
    return msgspec.json.encode({"STATUS": [status(70)], "STATS": [head, row], "id": 1}) + b"\x00"


def status(code: int) -> dict[str, Any]:
    return {"STATUS": "S", "When": 1755615295, "Code": code, "Msg": "CGMiner", "Description": "cgminer 1.0.0"}


def summary(rates: dict[str, Any]) -> dict[str, Any]:
    row = {"Elapsed": 10154, "Accepted": 2338, "Rejected": 0, "Hardware Errors": 69, "Utility": 13.82, "Stale": 0}
    row |= {"Total MH": 687977549397.0, "Best Share": 41127493, "Pool Rejected%": 0.0, "Last getwork": 0}
    return {"STATUS": [status(11)], "SUMMARY": [row | rates], "id": 1}


def whatsminer() -> tuple[bytes, bytes]:
    rates = {"HS RT": 124500000.0, "MHS av": 125000000.0, "MHS 1m": 124400000.0, "Factory GHS": 126000, "Power": 3200}
    rates |= {"Power Limit": 3300, "Fan Speed In": 5400, "Fan Speed Out": 5280, "MAC": "D4:01:02:03:04:05"}
    rates |= {"Firmware Version": "'20230803.11.REL'", "Error Code Count": 0, "Power Mode": "Normal"}
    board = {"Enabled": "Y", "Status": "Alive", "Temperature": 65.0, "MHS av": 41500000.0, "MHS 1m": 41600000.0}
    board |= {"Chip Temp Max": 80.0, "Chip Temp Avg": 71.5, "Effective Chips": 135, "PCB SN": "BHM5CSD1302803K30001"}
    devs = [{"ASC": at, "Slot": at, **board} for at in range(3)]
    edevs = {"STATUS": [status(9)], "DEVS": devs, "id": 1}
    return msgspec.json.encode(summary(rates)), msgspec.json.encode(edevs)


def luxos() -> bytes:
    devs = [{"ASC": at, "ID": at, "Status": "Alive", "MHS 5s": 19.7e6, "Nominal MHS": 20.6e6} for at in range(3)]
    corners = {"TopLeft": 47.0, "TopRight": 34.0, "BottomLeft": 47.0, "BottomRight": 34.0}
    parts: dict[str, Any] = {
        "summary": summary({"GHS 5s": 59756.06, "GHS av": 56917.91}),
        "devs": {"STATUS": [status(9)], "DEVS": devs},
        "power": {"STATUS": [status(311)], "POWER": [{"PSU": False, "Watts": 1051}]},
        "fans": {"STATUS": [status(202)], "FANS": [{"FAN": f"FAN{at}", "ID": at, "RPM": 1920} for at in range(4)]},
        "temps": {"STATUS": [status(201)], "TEMPS": [{"ID": at, "TEMP": at, **corners} for at in range(3)]},
    }
    return msgspec.json.encode({name: [part] for name, part in parts.items()} | {"id": 1})


def avalon() -> bytes:
    chips = " ".join(["66"] * 120)
    text = "Ver[1246-83-21072802_4ec6bb0_211fc46] DNA[02010000cbd2fd6d] SYSTEMSTATU[Work: In Work, Hash Board: 3 ] "
    text += (
        "Elapsed[24684] TMax[77] TAvg[65] Fan1[5344] Fan2[5392] Fan3[5349] Fan4[5309] PS[0 1214 1316 242 3189 1320] "
    )
    text += "GHSspd[81072.68] GHSmm[83923.04] GHSavg[79656.63] MGHS[26907.01 26025.06 26724.56] MTmax[77 77 76] "
    text += " ".join(f"PVT_T{at}[{chips}] PVT_V{at}[{chips}] MW{at}[{chips}]" for at in range(3)) + " MPO[3200]"
    row = {"STATS": 0, "ID": "AVA100", "Elapsed": 24684, "MM Count": 1, "MM ID0": text}
    return msgspec.json.encode({"STATUS": [status(70)], "STATS": [row], "id": 1})


def dcgm() -> bytes:
    names = ("GPU_UTIL", "FB_USED", "FB_FREE", "POWER_USAGE", "GPU_TEMP", "XID_ERRORS", "SM_CLOCK", "MEM_CLOCK")
    lines = []
    for name in (f"DCGM_FI_DEV_{name}" for name in names):
        lines.append(f"# HELP {name} of a GPU\n# TYPE {name} gauge")
        for at in range(8):
            labels = f'gpu="{at}",UUID="GPU-927d7444-b45a-7c49-8402-5e686e46a02{at}",pci_bus_id="0000:00:0{at}.0"'
            labels += f',device="nvidia{at}",modelName="NVIDIA H100 80GB HBM3",Hostname="node",namespace="",pod=""'
            lines.append(f"{name}{{{labels}}} 42")
    return "\n".join(lines).encode()


class Round:
    """One language and the answers that a sweep of it gets."""

    def __init__(self, language: str, *answers: bytes) -> None:
        self.language, self.answers = language, answers
        self.best_us = self.json_us = float("inf")

    def decode(self) -> None:
        run(ADAPTERS[self.language].poll(), self.answers)

    def loads(self) -> None:
        for raw in self.answers:
            json.loads(raw.rstrip(b"\x00"))

    def measure(self, seconds: float) -> None:
        self.best_us = min(self.best_us, each_us(self.decode, seconds))
        if self.answers[0][:1] == b"{":
            self.json_us = min(self.json_us, each_us(self.loads, seconds))


def run(talk: Conversation[Any], answers: tuple[bytes, ...]) -> None:
    """Gives the answers one after the other; the conversation must end with the last."""
    next(talk)
    try:
        for raw in answers:
            talk.send(raw)
    except StopIteration:
        return
    raise AssertionError("more questions in a sweep than answers")


def each_us(call: Callable[[], None], seconds: float) -> float:
    number, start = 0, time.process_time()
    while (spent := time.process_time() - start) < seconds:
        for _ in range(50):
            call()
        number += 50
    return spent / number * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description="Microseconds per decoded answer.")
    parser.add_argument("--seconds", type=float, default=0.3, help="per round; three rounds")
    seconds = parser.parse_args().seconds
    rounds = [
        Round("antminer", stock_stats()),
        Round("whatsminer_v2", *whatsminer()),
        Round("luxos", luxos()),
        Round("avalon", avalon()),
        Round("dcgm", dcgm()),
    ]
    for _ in range(3):
        for each in rounds:
            each.measure(seconds)
    print(f"{'language':14} {'bytes':>6} {'reading us':>11} {'json.loads us':>14}")
    for each in rounds:
        loads = f"{each.json_us:14.1f}" if each.json_us != float("inf") else f"{'-':>14}"
        print(f"{each.language:14} {sum(map(len, each.answers)):6} {each.best_us:11.1f} {loads}")


if __name__ == "__main__":
    main()
