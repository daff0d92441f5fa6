"""Holds what a pool says against what the ledger has, payout by payout, and a day's four figures against each other."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple


class Posted(NamedTuple):
    """A posting of the ledger that names a payout."""

    ref: str
    sat: int


class Mismatch(NamedTuple):
    """A payout that was posted once, with another amount."""

    ref: str
    payout_sat: int
    posted_sat: int


@dataclass(frozen=True)
class PayoutBreaks:
    """References, each list in order. A payout that was posted more than once is a duplicate and no mismatch."""

    missing: list[str]
    without_payout: list[str]
    duplicates: list[str]
    mismatches: list[Mismatch]

    @property
    def is_clean(self) -> bool:
        return not (self.missing or self.without_payout or self.duplicates or self.mismatches)


def payout_breaks(payouts: Mapping[str, int], postings: Iterable[Posted]) -> PayoutBreaks:
    """payouts: satoshis by reference, as the pool says."""
    postings = list(postings)
    times = Counter(posting.ref for posting in postings)
    once = {posting.ref: posting.sat for posting in postings if times[posting.ref] == 1}
    return PayoutBreaks(
        missing=sorted(payouts.keys() - times.keys()),
        without_payout=sorted(times.keys() - payouts.keys()),
        duplicates=sorted(ref for ref, count in times.items() if count > 1),
        mismatches=sorted(
            Mismatch(ref, payouts[ref], sat) for ref, sat in once.items() if ref in payouts and payouts[ref] != sat
        ),
    )


class Figures(NamedTuple):
    """One day of one account, in satoshis; None: not known. expected: from hashrate and difficulty.   shares: what the
    accepted shares are worth.   paid: what the pool credited.   arrived: what reached the wallet."""

    expected_sat: int | None
    shares_sat: int | None
    paid_sat: int | None
    arrived_sat: int | None


class Break(NamedTuple):
    """Two neighbours of the chain that differ by more than they may. off_sat: the later less the earlier."""

    earlier: str
    later: str
    off_sat: int


# What each step may lose: measurement between machines and pool, luck and fee estimates of the pool, nothing on chain.
TOLERANCES: Sequence[tuple[str, str, Decimal]] = (
    ("expected_sat", "shares_sat", Decimal("0.02")),
    ("shares_sat", "paid_sat", Decimal("0.01")),
    ("paid_sat", "arrived_sat", Decimal(0)),
)


def figure_breaks(figures: Figures) -> list[Break]:
    """The steps from machines to wallet at which coins are missing or too many; a figure not known breaks nothing."""
    found = []
    for earlier, later, tolerance in TOLERANCES:
        before, after = getattr(figures, earlier), getattr(figures, later)
        if before is not None and after is not None and abs(after - before) > Fraction(tolerance) * before:
            found.append(Break(earlier, later, after - before))
    return found
