"""What of promised GPU nodes was served, minute by minute, what that bills and which credits it costs. Pure.

Nodes that are up go to the contracts in the order in which these began; a contract is billed for the minutes of nodes
that were up for it and credits its penalty for those that were not. A minute of which nothing is known is neither: it
stands apart until somebody knows better.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from treasury.money import cents

MINUTES_PER_HOUR: Final = 60


@dataclass(frozen=True)
class Promise:
    """A contract within a day, at prices by node and hour. first, last: minutes of the day, the last one not in it."""

    key: int
    nodes: int
    usd_per_node_h: Decimal
    penalty_usd_per_node_h: Decimal
    first: int
    last: int

    def holds(self, minute: int) -> bool:
        return self.first <= minute < self.last


@dataclass(frozen=True)
class Served:
    """Node-minutes of one contract. unobserved: promised in minutes of which nothing is known."""

    committed: int
    served: int
    unobserved: int
    billed_usd: Decimal
    credit_usd: Decimal


def share_out(up: Mapping[int, int], promises: Sequence[Promise]) -> dict[int, Served]:
    """up: nodes that were up, by minute; a minute that is not in it was not observed. promises: oldest first."""
    committed, served, unobserved = ({promise.key: 0 for promise in promises} for _ in range(3))
    for minute in range(max((one.last for one in promises), default=0)):
        left = up.get(minute)
        for promise in promises:
            if not promise.holds(minute):
                continue
            if left is None:
                unobserved[promise.key] += promise.nodes
                continue
            given = min(left, promise.nodes)
            left -= given
            committed[promise.key] += promise.nodes
            served[promise.key] += given
    return {one.key: billed(one, committed[one.key], served[one.key], unobserved[one.key]) for one in promises}


def billed(promise: Promise, committed: int, served: int, unobserved: int) -> Served:
    """Rounded to the cent once for the day."""
    return Served(
        committed,
        served,
        unobserved,
        cents(Fraction(promise.usd_per_node_h) * served / MINUTES_PER_HOUR),
        cents(Fraction(promise.penalty_usd_per_node_h) * (committed - served) / MINUTES_PER_HOUR),
    )
