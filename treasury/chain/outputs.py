"""Which outputs of a wallet count as its balance at a height."""

from collections.abc import Iterable
from typing import Final, NamedTuple

# Consensus: an output of a coinbase may be spent 100 blocks later.
COINBASE_MATURITY: Final = 100


class Output(NamedTuple):
    """height None: not in a block yet."""

    sat: int
    height: int | None
    is_coinbase: bool = False

    def confirmations(self, tip: int) -> int:
        """Blocks on top of it, its own among them; 0 while it is in none that the tip knows."""
        return 0 if self.height is None else max(0, tip - self.height + 1)


class Split(NamedTuple):
    """A wallet's satoshis: those that count, those of young coinbases, those with too few confirmations."""

    confirmed_sat: int
    immature_sat: int
    pending_sat: int


def split(outputs: Iterable[Output], tip: int, min_confirmations: int) -> Split:
    confirmed = immature = pending = 0
    for output in outputs:
        depth = output.confirmations(tip)
        if depth < min_confirmations:
            pending += output.sat
        elif output.is_coinbase and depth < COINBASE_MATURITY:
            immature += output.sat
        else:
            confirmed += output.sat
    return Split(confirmed, immature, pending)
