"""Answer times of many questions in a few numbers: a histogram of half powers of two from a millisecond up. Pure.

Adding one costs a binary search; two are added place by place, so that sweeps add up in the database. A quantile lies
within its bucket, so it is right to 20 % whatever the times.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

# Upper bounds in ms: 1, 1.41, 2, ... 11,585; a last bucket takes what is longer.
BOUNDS_MS: Final = tuple(2 ** (at / 2) for at in range(28))
BUCKETS: Final = len(BOUNDS_MS) + 1
MAX_WORDS: Final = 200


class Tally:
    """What came of the questions to the machines of one site in one language."""

    __slots__ = ("answered", "asked", "failed_at", "failure", "histogram")

    def __init__(self) -> None:
        self.asked = 0
        self.answered = 0
        self.histogram = [0] * BUCKETS
        self.failure = ""
        self.failed_at: float | None = None

    def add(self, seconds: float | None, failure: str | None, detail: str, at: float) -> None:
        """One question. Only answers have a time; a failure leaves its words.

        seconds: None for an inspection, whose half a dozen questions say nothing of how soon one is answered.
        """
        self.asked += 1
        if failure is None:
            self.answered += 1
            if seconds is not None:
                self.histogram[bisect_left(BOUNDS_MS, seconds * 1000)] += 1
        else:
            self.failure = (f"{failure}: {detail}" if detail else failure)[:MAX_WORDS]
            self.failed_at = at


def quantile_ms(histogram: Sequence[int], part: float) -> float | None:
    """The time under which `part` of the answers came, in ms; None where there are none."""
    total = sum(histogram)
    if not total:
        return None
    wanted, seen = part * total, 0
    for at, number in enumerate(histogram):
        if number and seen + number >= wanted:
            low = BOUNDS_MS[at - 1] if at else 0.0
            high = BOUNDS_MS[at] if at < len(BOUNDS_MS) else 2 * BOUNDS_MS[-1]
            return low + (high - low) * max(0.0, wanted - seen) / number
        seen += number
    return 2 * BOUNDS_MS[-1]
