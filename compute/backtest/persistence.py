"""How long a gap between real time and day ahead lasts, learnt from what was known before each step. Pure.

What is left of a gap after an hour is the regression, through the origin, of gaps on those an hour before; after each
further hour the ratio of the second hour to the first. What is usual (0.6 and 0.5, as the field's back-tests assume)
counts as three gaps of the size of the present one: the small gaps of quiet weeks say nothing of the first large one.
"""

from dataclasses import dataclass

import numpy as np

from compute.switching.inputs import Floats

AFTER_AN_HOUR, EACH_MORE = 0.6, 0.5
USUAL_GAPS = 3.0
LEAST_LEFT = 0.05


@dataclass(frozen=True, eq=False)
class Persistence:
    """By step: sums, up to it, of products of a gap with the one before it and with the one two hours before, and of
    the squares of those before."""

    gap_usd_mwh: Floats
    one: tuple[Floats, Floats]
    two: tuple[Floats, Floats]

    def left_usd_mwh(self, known: int, hours: Floats) -> Floats:
        """What is left, so many hours later, of the gap of a step, as was known in it."""
        gap = float(self.gap_usd_mwh[known])
        after_one = slope(self.one, known, gap, AFTER_AN_HOUR)
        after_two = slope(self.two, known, gap, AFTER_AN_HOUR * EACH_MORE)
        each_more = min(max(after_two / after_one, 0.0), 1.0) if abs(after_one) > LEAST_LEFT else EACH_MORE
        return np.asarray(gap * after_one * each_more ** np.maximum(hours - 1.0, 0.0))


def learnt(gap_usd_mwh: Floats, step_h: float) -> Persistence:
    """From the gaps up to each step and none after it. A step longer than an hour counts as the hour."""
    hour = max(1, round(1.0 / step_h))
    return Persistence(gap_usd_mwh, sums(gap_usd_mwh, hour), sums(gap_usd_mwh, 2 * hour))


def sums(gap: Floats, lag: int) -> tuple[Floats, Floats]:
    before = np.concatenate([np.zeros(lag), gap])[: len(gap)]
    return np.cumsum(gap * before), np.cumsum(before**2)


def slope(found: tuple[Floats, Floats], known: int, gap: float, usual: float) -> float:
    products, squares = (float(each[known]) for each in found)
    weight = USUAL_GAPS * gap * gap
    if not squares + weight > 0:
        return usual
    # Nothing grows by waiting.
    return min(max((products + weight * usual) / (squares + weight), -1.0), 1.0)
