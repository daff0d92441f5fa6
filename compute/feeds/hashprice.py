"""What a petahash a second earns in a day, from first principles. Pure.

Source: a hash finds a block with chance 1 / (difficulty * 2**32), so a PH/s finds 86,400 * 10**15 / (difficulty *
2**32) blocks a day; the subsidy began at 50 BTC and halves every 210,000 blocks.
"""

from cango_ops.units import SATS_PER_BTC, SECONDS_PER_DAY

HASHES_PER_DIFFICULTY = 2**32
HASHES_PER_PH = 10**15
HALVING_BLOCKS = 210_000
FIRST_SUBSIDY_SAT = 50 * SATS_PER_BTC


def subsidy_sat(height: int) -> int:
    """Satoshi that the block of this height creates."""
    halvings = height // HALVING_BLOCKS
    return FIRST_SUBSIDY_SAT >> halvings if halvings < 64 else 0


def usd_per_ph_day(difficulty: float, reward_sat: float, price_usd: float, pool_fee_share: float = 0.0) -> float:
    """Dollars a PH/s a day after the pool's fee. reward_sat: subsidy and fees of a block."""
    blocks = SECONDS_PER_DAY * HASHES_PER_PH / (difficulty * HASHES_PER_DIFFICULTY)
    return blocks * reward_sat / SATS_PER_BTC * price_usd * (1 - pool_fee_share)
