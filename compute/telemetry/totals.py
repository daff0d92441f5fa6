"""A container's sums now, of the newest sample of each of its machines. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from compute.telemetry import codec, verdict
from compute.telemetry.codec import Bools, Frame
from compute.telemetry.gather import FAILURE, STATE, moment, state_counts
from compute.telemetry.metrics import ASIC, GPU, INDEX
from compute.telemetry.rollup import Floats, highest, total
from compute.telemetry.sitemap import Box
from compute.telemetry.verdict import MAINTENANCE, SEVERITY, Verdict, Whole


@dataclass(frozen=True, slots=True)
class Part:
    """The machines of one kind: what should stand there and what was last heard."""

    box: Box
    frame: Frame
    health: Frame


def of_container(
    parts: Mapping[str, Part], tokens_per_s: float | None, sweep_s: float, waking: int = 0
) -> dict[str, Any]:
    """The columns of its row, `since` apart. A machine counts in the sums while it answers. waking: how many are
    warming up."""
    swept_at = max((int(part.health.at.max(initial=0)) for part in parts.values()), default=0)
    lives = {kind: live(part, swept_at - verdict.stale_after_s(sweep_s)) for kind, part in parts.items()}
    states = np.concatenate([np.zeros(0, np.int64), *(states_of(part) for part in parts.values())])
    row: dict[str, Any] = {
        "swept_at": moment(swept_at) if swept_at else None,
        "observed_at": newest(parts),
        "devices": sum(part.box.devices for part in parts.values()),
        "reporting": sum(int(answers.sum()) for answers in lives.values()),
        **state_counts(states),
        "deployed_ths": sum(part.box.deployed_ths for part in parts.values()),
        "awake_ths": float(sum(awake_ths(part, lives[kind]) for kind, part in parts.items())),
        "gpus": sum(part.box.gpus for part in parts.values()),
        **sums({kind: values_of(part, lives[kind]) for kind, part in parts.items()}),
        "tokens_per_s": tokens_per_s,
    }
    row["state"], row["reason"] = judged(row, swept_at, waking)
    return row


def live(part: Part, earliest: float) -> Bools:
    """By the box's index: answered its last poll, and that not long before the container's newest."""
    frame, health = at_index(part)
    return (frame.at > 0) & (frame.at >= earliest) & (health.values[FAILURE] == 0)


def at_index(part: Part) -> tuple[Frame, Frame]:
    """Both frames with exactly the places at which a machine stands."""
    index = part.box.index
    places = max(part.frame.places, part.health.places, int(index.max(initial=-1)) + 1)
    frame, health = codec.padded(part.frame, places), codec.padded(part.health, places)
    return only(frame, index), only(health, index)


def only(frame: Frame, index: codec.Ints) -> Frame:
    return Frame(frame.kind, frame.at[index], frame.values[:, index], frame.conflicts[index])


def states_of(part: Part) -> codec.Ints:
    """The coded state of every machine, unknown where it was never polled."""
    _, health = at_index(part)
    return np.where(health.at > 0, health.values[STATE], 0)


def awake_ths(part: Part, answers: Bools) -> float:
    """What the machines owe that do not rest; of one that is waking, what it does already, so that it makes up for
    nobody else."""
    rests = states_of(part) == SEVERITY[MAINTENANCE]
    done = total(values_of(part, answers & rests)[INDEX[ASIC]["hashrate_ths"]]) if part.box.kind == ASIC else None
    return float(part.box.nameplates_ths[~rests].sum()) + (done or 0.0)


def values_of(part: Part, answers: Bools) -> Floats:
    frame, _ = at_index(part)
    return codec.from_steps(part.frame.kind, frame.values[:, answers])


def newest(parts: Mapping[str, Part]) -> Any:
    second = max((int(part.frame.at.max(initial=0)) for part in parts.values()), default=0)
    return moment(second) if second else None


def sums(values: Mapping[str, Floats]) -> dict[str, float | None]:
    nothing = np.zeros((8, 0))
    asic, gpu = values.get(ASIC, nothing), values.get(GPU, nothing)
    count = gpu[INDEX[GPU]["gpus_reporting"]]
    temps = (asic[INDEX[ASIC]["chip_temp_c"]], asic[INDEX[ASIC]["board_temp_c"]], gpu[INDEX[GPU]["gpu_temp_c"]])
    return {
        "hashrate_ths": total(asic[INDEX[ASIC]["hashrate_ths"]]),
        "power_w": total(np.concatenate([asic[INDEX[ASIC]["power_w"]], gpu[INDEX[GPU]["power_w"]]])),
        "temp_max_c": highest(np.concatenate(temps)),
        "gpus_reporting": total(count),
        "gpu_busy": total(count * gpu[INDEX[GPU]["utilisation_pct"]] / 100),
        "requests_running": total(gpu[INDEX[GPU]["requests_running"]]),
    }


def judged(row: Mapping[str, Any], swept_at: int, waking: int) -> Verdict:
    if not swept_at:
        return Verdict(verdict.UNKNOWN, verdict.NEVER_POLLED)
    return verdict.of_whole(
        Whole(
            devices=row["devices"],
            reporting=row["reporting"],
            asleep=row["maintenance"],
            awake_ths=row["awake_ths"],
            hashrate_ths=row["hashrate_ths"] or 0.0,
            gpus=row["gpus"],
            gpus_reporting=row["gpus_reporting"] or 0.0,
            deployed_ths=row["deployed_ths"],
            waking=waking,
        )
    )
