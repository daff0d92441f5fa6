"""Expected bitcoin of a hashrate over difficulty epochs, after the pool fee.

A hash finds a block with chance 1 / (difficulty x 2**32), so H hashes a second expect
H x seconds / (difficulty x 2**32) blocks, each worth subsidy and fees. The span is cut wherever any series changes,
because the mean of a product is not the product of means: February 2026, with retargets of -11 % and +15 %,
is off by a percent else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from cango_ops.units import SATS_PER_BTC
from treasury.mining.series import Steps, seconds
from treasury.money import whole

HASHES_PER_EH = 10**18
HASHES_PER_DIFFICULTY = 2**32


class NotCovered(ValueError):
    """Difficulty or subsidy is not known for a part of the span."""


@dataclass(frozen=True)
class Network:
    """difficulty; subsidy_btc and fee_btc, each a block."""

    difficulty: Steps
    subsidy_btc: Steps
    fee_btc: Steps


@dataclass(frozen=True)
class Segment:
    """A part of the span in which nothing changes. blocks, btc: exact; btc after the pool fee."""

    start_at: datetime
    seconds: Fraction
    blocks: Fraction
    btc: Fraction


@dataclass(frozen=True)
class Expected:
    """What the hashrate should have mined."""

    segments: Sequence[Segment]

    @property
    def sat(self) -> int:
        """Added up unrounded, rounded to the satoshi once."""
        return whole(sum((segment.btc for segment in self.segments), Fraction(0)) * SATS_PER_BTC)


def expected(
    start_at: datetime,
    end_at: datetime,
    hashrate_ehs: Steps,
    network: Network,
    pool_fee: Decimal = Decimal(0),
    leased_ehs: Steps | None = None,
) -> Expected:
    """What the hashrate should mine from start_at up to end_at. Raises NotCovered.

    Before its first step a fleet hashes nothing and blocks carry no fees. leased_ehs: the part of the hashrate that is
    leased out; it mines for whoever leases it.
    """
    leased = leased_ehs or Steps([])
    series = (hashrate_ehs, leased, network.difficulty, network.subsidy_btc, network.fee_btc)
    cuts = sorted({start_at, end_at, *(cut for one in series for cut in one.between(start_at, end_at))})
    keep = 1 - Fraction(pool_fee)
    found = []
    for since, until in pairwise(cuts):
        own = (hashrate_ehs.at(since) or Fraction(0)) - (leased.at(since) or Fraction(0))
        found.append(segment(since, until, own, network, keep))
    return Expected(found)


def segment(since: datetime, until: datetime, own_ehs: Fraction, network: Network, keep: Fraction) -> Segment:
    difficulty, subsidy = network.difficulty.at(since), network.subsidy_btc.at(since)
    if not difficulty or subsidy is None:
        name = "subsidy" if difficulty else "difficulty"
        raise NotCovered(f"the {name} at {since:%Y-%m-%dT%H:%M:%SZ} is not known")
    length = seconds(until - since)
    blocks = own_ehs * HASHES_PER_EH * length / (difficulty * HASHES_PER_DIFFICULTY)
    reward = subsidy + (network.fee_btc.at(since) or Fraction(0))
    return Segment(since, length, blocks, blocks * reward * keep)
