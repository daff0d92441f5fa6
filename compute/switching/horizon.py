"""The steps of a horizon: quarter hours first, hours further on, where prices are only known by the hour anyway."""

import numpy as np

from compute.switching.inputs import Floats

QUARTER_H = 0.25


def steps_h(total_h: float = 48.0, fine_h: float = 6.0, coarse_h: float = 1.0) -> Floats:
    """Lengths of the steps: quarter hours up to fine_h, then steps of coarse_h, a shorter last one if need be."""
    fine = np.full(round(min(fine_h, total_h) / QUARTER_H), QUARTER_H)
    left = max(0.0, total_h - fine_h)
    coarse = np.full(int(left / coarse_h + 1e-9), coarse_h)
    rest = left - float(coarse.sum())
    return np.concatenate((fine, coarse, [rest] if rest > 1e-9 else []))


def onto_steps(values: Floats, hours: Floats) -> Floats:
    """A series of quarter hours as means over the steps. Raises ValueError when it does not reach so far."""
    lengths = np.rint(hours / QUARTER_H).astype(int)
    ends = np.cumsum(lengths)
    if len(ends) and ends[-1] > len(values):
        raise ValueError(f"{len(values)} quarter hours do not fill {hours.sum():g} hours")
    total = np.concatenate(([0.0], np.cumsum(values)))
    means: Floats = (total[ends] - total[ends - lengths]) / lengths
    return means
