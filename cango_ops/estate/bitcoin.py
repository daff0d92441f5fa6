"""The Bitcoin network as the estate's feeds tell it: blocks, difficulty, price, invented but in step. Pure.

Ten minutes a block on the mean, a retarget every 2,016 blocks; everything is a closed form of time and height.
"""

from math import sin
from typing import Final

from cango_ops.estate.chance import between, unit

GENESIS_AT: Final = 1_790_000_000.0
GENESIS_HEIGHT: Final = 968_000
BLOCK_S: Final = 600.0
RETARGET: Final = 2_016
SUBSIDY_SAT: Final = 312_500_000
DIFFICULTY: Final = 1.56e14
HASHES_PER_DIFFICULTY: Final = 2**32
PRICE_USD: Final = 96_400.0


def height_at(t: float) -> int:
    """The height of the tip."""
    height = GENESIS_HEIGHT + int((t - GENESIS_AT) // BLOCK_S)
    return height if found_at(height) <= t else height - 1


def found_at(height: int) -> float:
    """When the block was found: never before its forerunner."""
    return GENESIS_AT + (height - GENESIS_HEIGHT + unit(height, 21) * 0.95) * BLOCK_S


def change_at(epoch: int) -> float:
    """By how much the difficulty changed at the start of this epoch, as a share."""
    return between(epoch, 22, -0.035, 0.045)


def difficulty_at(height: int) -> float:
    epoch, base = height // RETARGET, GENESIS_HEIGHT // RETARGET
    value = DIFFICULTY
    for number in range(base + 1, epoch + 1):
        value *= 1 + change_at(number)
    for number in range(epoch + 1, base + 1):
        value /= 1 + change_at(number)
    return value


def hashrate_hs(t: float) -> float:
    """The network's hashrate in H/s that the present difficulty stands for."""
    return difficulty_at(height_at(t)) * HASHES_PER_DIFFICULTY / BLOCK_S


def fees_sat(height: int) -> int:
    """All fees of one block."""
    return int(between(height, 23, 1_200_000, 6_500_000) * (3 if unit(height, 24) > 0.97 else 1))


def price_usd(t: float) -> float:
    """One bitcoin in dollars."""
    slow = 0.055 * sin(t / 1_900_000) + 0.021 * sin(t / 310_000 + 1.7)
    return PRICE_USD * (1 + slow + 0.006 * sin(t / 23_000 + 0.6) + 0.0012 * sin(t / 610))


def btc_per_ths_day(t: float) -> float:
    """What one TH/s earns in a day before fees of the pool: its share of 144 blocks."""
    reward = (SUBSIDY_SAT + fees_sat(height_at(t) // 144 * 144)) / 1e8
    return 144 * reward * 1e12 / hashrate_hs(t)
