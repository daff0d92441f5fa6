"""pyasic reads the same recorded answers: where it gives a value at all, ours is the same.

Its parsers are asked without a machine: each takes the answers by name. What it cannot read of a recording is left out,
and what it reads otherwise on purpose stands in OTHERWISE.
"""

import asyncio
import inspect
from typing import Any

import pytest

from compute.protocols.mending import read_json
from compute.protocols.recordings import recorded
from compute.protocols.replay import decode
from tests.compute.protocols.worlds import CAPTURES, needs_captures

pytestmark = needs_captures
pytest.importorskip("pyasic")

from pyasic.miners import antminer, auradine, avalonminer, backends, bitaxe, whatsminer  # noqa: E402

JUDGES = {
    "antminer/stock-mixed-S19Pro-S21-FR-1.12": antminer.BMMinerS19Pro,
    "antminer/S17Pro": antminer.BMMinerS17Pro,
    "luxos/s19k-pro-2025.4.8": antminer.LUXMinerS19kPro,
    "whatsminer/v1-api1.4.0-20210322.22.REL": whatsminer.BTMinerM30SV10,
    "whatsminer/v2-api2.0.5-20230803.11.REL": backends.BTMinerV2,
    "whatsminer/v3-api3.0.2-20251209.16.Rel2": backends.BTMinerV3,
    "auradine/teraflux-AT1500-2023-12.27": auradine.AuradineFluxAT1500,
    "avalon/A1246-cgminer-24102401": avalonminer.CGMinerAvalon1246,
    "avalon/HomeQ-25052801": avalonminer.CGMinerAvalonQHome,
    "epic/umc-v1": antminer.ePICS19XP,
    "bitaxe/axeos-v2.4.5-dirty": bitaxe.BitAxeSupra,
}
ASKED = {
    "_get_hashrate": lambda reading: reading.hashrate_ths,
    "_get_expected_hashrate": lambda reading: reading.expected_hashrate_ths,
    "_get_wattage": lambda reading: reading.power_w,
    "_get_wattage_limit": lambda reading: reading.power_limit_w,
    "_get_uptime": lambda reading: reading.uptime_s,
    "_get_fans": lambda reading: reading.fans_rpm,
    "_get_mac": lambda reading: reading.mac.upper() if reading.mac else None,
}
OTHERWISE = {
    ("antminer/S17Pro", "_get_fans"): "it begins at fan3 and shows two empty places",
    ("avalon/HomeQ-25052801", "_get_mac"): "it cuts the address into pairs though it has its colons",
    ("epic/umc-v1", "_get_expected_hashrate"): "it divides by each board's percentage; ours is the tuner's target",
    ("epic/umc-v1", "_get_fans"): "it shows nothing where the machine says 0 rpm",
    ("bitaxe/axeos-v2.4.5-dirty", "_get_expected_hashrate"): "it multiplies cores by clock; the answer does not say it",
}


def told_by(miner: Any, method: str, answers: dict[str, bytes]) -> Any:
    """What pyasic makes of the answers that this method takes; None where one was not recorded or not understood."""
    ask = getattr(miner, method, None)
    names = list(inspect.signature(ask).parameters) if ask else []
    plain = {name: name.removeprefix("rpc_").removeprefix("web_") for name in names}
    if not names or not all(found in answers for found in plain.values()):
        return None
    try:
        return in_our_units(asyncio.run(ask(**{name: read_json(answers[found])[0] for name, found in plain.items()})))
    except Exception:
        return None


def in_our_units(value: Any) -> Any:
    if hasattr(value, "into"):
        return float(value.into(value.unit.TH))
    if isinstance(value, list):
        return [fan.speed for fan in value]
    return value


@pytest.mark.parametrize("name", JUDGES)
def test_a_recording_reads_as_pyasic_reads_it(name):
    answers, miner = recorded(CAPTURES / name), JUDGES[name]("127.0.0.1")
    _, reading = decode(CAPTURES / name)

    told = {method: value for method in ASKED if (value := told_by(miner, method, answers)) not in (None, [], [None])}
    differing = {
        method: (ASKED[method](reading), value)
        for method, value in told.items()
        if (name, method) not in OTHERWISE and not same(ASKED[method](reading), value)
    }

    assert differing == {}


def same(ours: Any, theirs: Any) -> bool:
    """Watts and fans are whole numbers there."""
    if isinstance(theirs, int | float) and isinstance(ours, int | float):
        return ours == pytest.approx(theirs, rel=1e-3, abs=1)
    return bool(ours == theirs)
