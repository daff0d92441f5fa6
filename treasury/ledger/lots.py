"""Lots: parcels of bitcoin with what they cost, and which of them a disposal takes.

FIFO takes the oldest, average takes from one pool, specific identification takes what the sale names. A part of a lot
takes its share of the cost left, rounded to the cent; what takes the rest takes all the cost left, so no cent is lost.
Sources: ASC 350-60-50 (cost basis beside fair value); the rounding rule of docs/treasury.md#rounding.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from treasury.ledger.facts import Position
from treasury.money import share_of

POOL: Final = "pool"
FIRST_INSTANT: Final = datetime.min.replace(tzinfo=UTC)


class Method(StrEnum):
    """How the cost of what is disposed of is found."""

    FIFO = "fifo"
    AVERAGE = "average"
    SPECIFIC = "specific"


class NotCovered(Exception):
    """There are not as many coins as a fact takes; nothing of it is applied."""


class Use(NamedTuple):
    """So many satoshis of a lot, with the cost that went with them. position: of the lot."""

    lot: str
    sat: int
    basis_usd: Decimal
    position: Position


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is left of a lot in one place. position: where the lot stands in time; lots are taken in this order."""

    position: Position
    lot: str
    sat: int
    cost_usd: Decimal

    def part(self, sat: int) -> "Parcel":
        return replace(self, sat=sat, cost_usd=share_of(self.cost_usd, sat, self.sat))

    def without(self, part: "Parcel") -> "Parcel":
        return replace(self, sat=self.sat - part.sat, cost_usd=self.cost_usd - part.cost_usd)


class Methods(NamedTuple):
    """The cost method from each instant on, oldest first; the first one holds for all time before as well.

    by_wallet_since: from then on lots belong to the wallets that hold them; None: to the company, always.
    """

    changes: tuple[tuple[datetime, Method], ...]
    by_wallet_since: datetime | None = None

    @classmethod
    def always(cls, method: Method) -> "Methods":
        return cls(((FIRST_INSTANT, method),))

    @property
    def kinds(self) -> set[Method]:
        return {method for _, method in self.changes}

    def at(self, instant: datetime) -> Method:
        method = self.changes[0][1]
        for since, changed in self.changes[1:]:
            if since <= instant:
                method = changed
        return method


class Lots:
    """The parcels of one place, or of the whole company."""

    def __init__(self, parcels: Iterable[Parcel] = ()) -> None:
        self.parcels: list[Parcel] = []
        for parcel in parcels:
            self.put(parcel)

    @property
    def sat(self) -> int:
        return sum(parcel.sat for parcel in self.parcels)

    @property
    def cost_usd(self) -> Decimal:
        return sum((parcel.cost_usd for parcel in self.parcels), Decimal("0.00"))

    def where(self, position: Position) -> int | None:
        """The index of the parcel with this position."""
        found = bisect_left(self.parcels, position, key=_position)
        return found if found < len(self.parcels) and self.parcels[found].position == position else None

    def put(self, parcel: Parcel) -> None:
        """Adds a parcel; what came back of the same lot joins it, and one of nothing is none."""
        if not parcel.sat:
            return
        if not self.parcels or self.parcels[-1].position < parcel.position:
            self.parcels.append(parcel)  # nearly always: lots come in order
            return
        where = bisect_left(self.parcels, parcel.position, key=_position)
        if where < len(self.parcels) and self.parcels[where].position == parcel.position:
            own = self.parcels[where]
            lot = own.lot if own.lot == parcel.lot else POOL
            joined = replace(own, lot=lot, sat=own.sat + parcel.sat, cost_usd=own.cost_usd + parcel.cost_usd)
            self.parcels[where] = joined
        else:
            self.parcels.insert(where, parcel)

    def take(self, sat: int, method: Method, named: Sequence[tuple[str, int | None]] = ()) -> list[Parcel]:
        """Takes so many satoshis out. Raises NotCovered, and takes nothing, where there are not as many."""
        if method is Method.AVERAGE:
            self.pool()
        chosen = self._named(sat, named) if method is Method.SPECIFIC and named else self._oldest(sat)
        for run in runs(sorted(chosen, key=lambda one: one[0])):
            first, end = run[0][0], run[-1][0] + 1
            self.parcels[first:end] = [left for where, part in run if (left := self.parcels[where].without(part)).sat]
        return [part for _, part in chosen]

    def pool(self) -> None:
        """Makes one parcel of all, as the average method has it."""
        if self.parcels and (len(self.parcels) > 1 or self.parcels[0].lot != POOL):
            self.parcels = [Parcel(self.parcels[0].position, POOL, self.sat, self.cost_usd)]

    def _oldest(self, sat: int) -> list[tuple[int, Parcel]]:
        chosen = []
        for where, parcel in enumerate(self.parcels):
            if not sat:
                break
            part = parcel.part(min(sat, parcel.sat))
            chosen.append((where, part))
            sat -= part.sat
        if sat:
            raise NotCovered(f"the lots are {sat} sat short")
        return chosen

    def _named(self, sat: int, named: Sequence[tuple[str, int | None]]) -> list[tuple[int, Parcel]]:
        if len({lot for lot, _ in named}) < len(named):
            raise NotCovered("a lot is named twice")
        chosen, missing = [], sat
        for lot, wanted in named:
            where = next((n for n, one in enumerate(self.parcels) if one.lot == lot), None)
            if where is None:
                raise NotCovered(f"lot {lot} holds nothing here")
            parcel = self.parcels[where]
            amount = min(missing, parcel.sat) if wanted is None else wanted
            if amount > parcel.sat:
                raise NotCovered(f"lot {lot} is {amount - parcel.sat} sat short")
            if amount:
                chosen.append((where, parcel.part(amount)))
            missing -= amount
        if missing:
            raise NotCovered(f"the named lots differ from the sale by {missing} sat")
        return chosen


def runs(chosen: Sequence[tuple[int, Parcel]]) -> list[list[tuple[int, Parcel]]]:
    """Neighbours together, the last ones first: a long list is closed up once for a run and not for each of it."""
    found: list[list[tuple[int, Parcel]]] = []
    for where, part in chosen:
        if found and found[-1][-1][0] + 1 == where:
            found[-1].append((where, part))
        else:
            found.append([(where, part)])
    return found[::-1]


def _position(parcel: Parcel) -> Position:
    return parcel.position


def uses(parts: Iterable[Parcel]) -> tuple[Use, ...]:
    return tuple(Use(part.lot, part.sat, part.cost_usd, part.position) for part in parts)
