"""What state a machine, a container, a site is in, and why in one short sentence. Pure.

The sentence of a machine holds no number that changes with every reading: those stand beside it, and a row is written
only when its words change.

`stale` is never decided here: a number grows old by itself, so staleness is worked out whenever it is read.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

from cango_ops.wire import IN_WORDS
from compute.protocols.reading import Board, Gpu, Pool, Reading
from compute.protocols.reading import State as Doing
from compute.telemetry.metrics import GPU

OK: Final = "ok"
WARNING: Final = "warning"
CRITICAL: Final = "critical"
MAINTENANCE: Final = "maintenance"
STALE: Final = "stale"
UNKNOWN: Final = "unknown"
STATES: Final = (UNKNOWN, OK, MAINTENANCE, WARNING, CRITICAL)  # as coded in the health column, and by rank
SEVERITY: Final = {state: rank for rank, state in enumerate(STATES)}

LOW_SHARE: Final = 0.85
WELL_SHARE: Final = 0.88
HALF: Final = 0.5
# A machine that hashes nothing and draws less of its nameplate sleeps.
ASLEEP_SHARE: Final = 0.15
NEAR_LIMIT_C: Final = 5.0
SITE_WARNING: Final = 0.10
SITE_CRITICAL: Final = 0.20
NEVER_POLLED: Final = "never polled"
WAKING: Final = "told to wake"
LONGEST: Final = 100
# What is known of them by heart. Source: NVIDIA, XID Errors.
XIDS: Final = {
    13: "engine fault", 31: "memory page fault", 48: "memory error beyond repair", 62: "controller halted",
    63: "memory row replaced", 64: "memory row could not be replaced", 74: "NVLink error", 79: "fell off the bus",
    92: "many memory errors", 94: "memory error, contained", 95: "memory error, not contained", 119: "GSP is silent",
}  # fmt: skip


class Verdict(NamedTuple):
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Expected:
    """What a machine should be, as bought and as its maker states. None: not known, so nothing is held against it.

    eased: the share of its power that an order leaves it; of the hashrate it owes no more.
    asleep_below_w: of a machine that an order put to sleep; it sleeps while it hashes nothing and draws less.
    """

    kind: str
    nameplate_ths: float | None = None
    max_chip_c: float | None = None
    boards: int | None = None
    gpus: int = 0
    eased: float = 1.0
    asleep_below_w: float | None = None

    @property
    def owed_ths(self) -> float | None:
        return None if self.nameplate_ths is None else self.nameplate_ths * self.eased


def of_reading(reading: Reading, expected: Expected, *, is_warming: bool = False) -> Verdict:
    """The gravest thing the reading gives cause for; of equals, the first named. is_warming: it was told to wake a
    short while ago."""
    if is_warming and is_coming(reading, expected):
        return Verdict(MAINTENANCE, WAKING)
    if reading.state is Doing.SLEEPING or lies_still(reading, expected):
        return Verdict(MAINTENANCE, "asleep")
    found = list(gpu_faults(reading, expected) if expected.kind == GPU else asic_faults(reading, expected))
    if found:
        worst = max(found, key=lambda verdict: SEVERITY[verdict.state])
        return Verdict(worst.state, worst.reason[:LONGEST])
    return Verdict(OK, note(reading))


def lies_still(reading: Reading, expected: Expected) -> bool:
    """Whether it goes on doing what an order told it. Stock Antminers, Braiins, LuxOS and Whatsminers say that they
    sleep only when they are asked for everything, every ten minutes; in between their hashrate is 0."""
    if expected.asleep_below_w is None or reading.state in (Doing.FAULT, Doing.STARTING, Doing.TUNING):
        return False
    return not reading.hashrate_ths and (reading.power_w or 0.0) < expected.asleep_below_w


def is_coming(reading: Reading, expected: Expected) -> bool:
    """Whether a machine that was told to wake is on its way: not there yet, without fault and not too hot."""
    if expected.kind == GPU:
        return reading.state in (Doing.SLEEPING, Doing.STARTING)
    heat = heat_faults(hottest_chip(reading.boards), expected.max_chip_c, "chip")
    if reading.state is Doing.FAULT or any(one.state == CRITICAL for one in heat):
        return False
    return (reading.hashrate_ths or 0.0) < LOW_SHARE * (expected.owed_ths or 0.0) or not reading.hashrate_ths


def note(reading: Reading) -> str:
    if reading.quality != "ok":
        return reading.quality if reading.quality == "unknown model" else f"{reading.quality} answer"
    return reading.state.value if reading.state in (Doing.STARTING, Doing.TUNING, Doing.IDLE) else ""


def asic_faults(reading: Reading, expected: Expected) -> Iterator[Verdict]:
    yield from machine_faults(reading)
    yield from heat_faults(hottest_chip(reading.boards), expected.max_chip_c, "chip")
    yield from hashrate_faults(reading, expected)
    yield from board_faults(reading.boards or [], expected.boards)
    yield from fan_faults(reading.fans_rpm or [])
    yield from pool_faults(reading.pools)


def gpu_faults(reading: Reading, expected: Expected) -> Iterator[Verdict]:
    gpus = reading.gpus or []
    yield from machine_faults(reading)
    hottest = max((gpu.temperature_c for gpu in gpus if gpu.temperature_c is not None), default=None)
    yield from heat_faults(hottest, expected.max_chip_c, "GPU")
    if expected.gpus and reading.gpus is not None and len(gpus) < expected.gpus:
        yield Verdict(WARNING if gpus else CRITICAL, f"{len(gpus)} of {expected.gpus} GPUs report")
    yield from xid_faults(gpus)


def machine_faults(reading: Reading) -> Iterator[Verdict]:
    if reading.state is Doing.FAULT:
        fault = next(iter(reading.errors or []), None)
        words = (fault.message or fault.code) if fault else None
        yield Verdict(CRITICAL, f"fault: {words}" if words else "the machine reports a fault")
    if reading.state is Doing.STOPPED:
        yield Verdict(CRITICAL, "stopped")


def heat_faults(temp_c: float | None, limit_c: float | None, what: str) -> Iterator[Verdict]:
    if temp_c is None or limit_c is None:
        return
    if temp_c > limit_c:
        yield Verdict(CRITICAL, f"{what} above its limit of {limit_c:.0f} °C")
    elif temp_c > limit_c - NEAR_LIMIT_C:
        yield Verdict(WARNING, f"{what} within {NEAR_LIMIT_C:.0f} °C of its limit of {limit_c:.0f} °C")


def hottest_chip(boards: list[Board] | None) -> float | None:
    known = [board.chip_temperature_c for board in boards or [] if board.chip_temperature_c is not None]
    return max(known, default=None)


def hashrate_faults(reading: Reading, expected: Expected) -> Iterator[Verdict]:
    """A machine that says it starts or tunes is given its time."""
    if reading.state not in (Doing.MINING, Doing.UNKNOWN, Doing.IDLE):
        return
    if reading.hashrate_ths is None or not expected.owed_ths:
        return
    share = reading.hashrate_ths / expected.owed_ths
    if share < LOW_SHARE:
        yield low_hashrate(CRITICAL, HALF, expected) if share < HALF else low_hashrate(WARNING, LOW_SHARE, expected)


def low_hashrate(state: str, least: float, expected: Expected) -> Verdict:
    return Verdict(state, f"hashrate below {100 * least:.0f} % of {expected.owed_ths:.0f} TH/s")


def lingering(reading: Reading, expected: Expected) -> Verdict | None:
    """The warning that stays if it stood before: hashrate is above the line, but not yet well above.

    A miner's hashrate wavers by some per cent from one answer to the next; without this, one that runs near the line
    would change its state with every sweep.
    """
    if reading.hashrate_ths is None or not expected.owed_ths:
        return None
    near = LOW_SHARE <= reading.hashrate_ths / expected.owed_ths < WELL_SHARE
    return low_hashrate(WARNING, LOW_SHARE, expected) if near else None


def board_faults(boards: list[Board], expected: int | None) -> Iterator[Verdict]:
    of = max(len(boards), expected or 0)
    dead = [str(board.slot) for board in boards if board.hashrate_ths == 0]
    if dead and len(dead) < of:
        yield Verdict(WARNING, f"board {' and '.join(dead)} of {of} dead")
    elif boards and len(boards) < of:
        yield Verdict(WARNING, f"{len(boards)} of {of} boards answer")


def fan_faults(fans_rpm: list[int]) -> Iterator[Verdict]:
    dead = [str(place) for place, rpm in enumerate(fans_rpm, 1) if rpm == 0]
    if dead and len(dead) < len(fans_rpm):
        yield Verdict(WARNING, f"fan {' and '.join(dead)} of {len(fans_rpm)} dead")


def pool_faults(pools: list[Pool] | None) -> Iterator[Verdict]:
    """A machine that does not say which pool is active is not held to it."""
    if pools is not None and not pools:
        yield Verdict(WARNING, "no pool set")
    elif pools and all(pool.active is False for pool in pools):
        yield Verdict(WARNING, "no active pool")


def xid_faults(gpus: Iterable[Gpu]) -> Iterator[Verdict]:
    for place, gpu in enumerate(gpus):
        if gpu.xid:
            meaning = XIDS.get(gpu.xid)
            yield Verdict(WARNING, f"GPU {place} reported XID {gpu.xid}{f', {meaning}' if meaning else ''}")
            return


def of_silence(
    failure: str, failed_at: int, last_ok_at: int | None, first_at: int, sweep_s: float, *, is_warming: bool = False
) -> Verdict:
    """A machine that did not answer. Times are unix seconds; first_at: when its container was first polled.
    is_warming: it was told to wake a short while ago, and may restart for it."""
    if is_warming:
        return Verdict(MAINTENANCE, WAKING)
    if last_ok_at is None:
        missed = round((failed_at - first_at) / sweep_s) + 1
        words = f"never answered ({IN_WORDS.get(failure, failure)})"
    else:
        missed = max(1, round((failed_at - last_ok_at) / sweep_s))
        words = f"no answer since {clock(last_ok_at)} ({IN_WORDS.get(failure, failure)})"
    return Verdict(CRITICAL if missed >= 2 else WARNING, words)


def clock(second: int) -> str:
    return f"{datetime.fromtimestamp(second, UTC):%H:%M} UTC"


@dataclass(frozen=True, slots=True)
class Whole:
    """What the verdict of a container or site needs of its sums. awake_ths: deployed, sleeping machines left out.
    asleep: those told to wake that are not there yet among them; waking: all that were told so lately."""

    devices: int
    reporting: int
    asleep: int
    awake_ths: float
    hashrate_ths: float
    gpus: int
    gpus_reporting: float
    deployed_ths: float = 0.0
    waking: int = 0


def of_whole(whole: Whole) -> Verdict:
    """A container or a site by what is missing of what should run there."""
    if not whole.devices:
        return Verdict(UNKNOWN, "no machines")
    all_rest = whole.asleep == whole.devices
    if not whole.reporting and not (all_rest and whole.waking):
        return Verdict(CRITICAL, f"link lost: none of {whole.devices} machines answers")
    if all_rest:
        return Verdict(MAINTENANCE, resting(whole))
    missing, words = worst_lack(whole)
    if missing >= SITE_CRITICAL:
        return Verdict(CRITICAL, words)
    if missing >= SITE_WARNING:
        return Verdict(WARNING, words)
    return Verdict(OK, "")


def resting(whole: Whole) -> str:
    if whole.waking >= whole.devices:
        return WAKING
    return f"asleep, {whole.waking} of {whole.devices} {WAKING}" if whole.waking else "asleep"


def worst_lack(whole: Whole) -> tuple[float, str]:
    """The share that is missing, and of what. Hashrate above the nameplate makes up for nothing elsewhere; of machines
    of which most sleep the few that fail are not all that there is."""
    lacks = [(0.0, "")]
    if whole.awake_ths > 0:
        share = (whole.awake_ths - whole.hashrate_ths) / max(whole.deployed_ths, whole.awake_ths)
        lacks.append((share, f"{100 * share:.0f} % of hashrate missing"))
    if whole.gpus:
        share = (whole.gpus - whole.gpus_reporting) / whole.gpus
        lacks.append((share, f"{whole.gpus - whole.gpus_reporting:.0f} of {whole.gpus} GPUs missing"))
    if not whole.awake_ths and not whole.gpus:
        silent = whole.devices - whole.reporting
        lacks.append((silent / whole.devices, f"{silent} of {whole.devices} machines silent"))
    return max(lacks)


def stale_after_s(sweep_s: float) -> float:
    return 2 * sweep_s + 5
