"""A second way to the same books: whole cents and satoshis in plain lists, nothing of the product's but its facts."""

from dataclasses import dataclass, field

from treasury.ledger.facts import Acquired, Sold


@dataclass
class Oracle:
    """method: "fifo" or "average". lots: [id, sat, cents], oldest first."""

    method: str
    places: dict = field(default_factory=dict)
    lots: list = field(default_factory=list)
    gains: dict = field(default_factory=dict)
    refused: list = field(default_factory=list)
    came_cents: int = 0
    went_cents: int = 0
    proceeds_cents: int = 0

    def run(self, facts):
        once = {fact.source: fact for fact in facts}
        for fact in sorted(once.values(), key=lambda one: (one.at, one.seq, one.source)):
            self.one(fact)
        return self

    def one(self, fact):
        if isinstance(fact, Acquired):
            self.add(("wallet", fact.wallet), fact.sat)
            self.lots.append([fact.source, fact.sat, int(fact.cost_usd * 100)])
            self.came_cents += int(fact.cost_usd * 100)
            return
        out = ("wallet", fact.wallet) if isinstance(fact, Sold) else tuple(fact.origin)
        fee = 0 if isinstance(fact, Sold) else fact.network_fee_sat
        if self.places.get(out, 0) < fact.sat + fee:
            self.refused.append(fact.source)
            return
        self.add(out, -fact.sat - fee)
        if isinstance(fact, Sold):
            self.dispose(fact, fact.sat, int(fact.fee_usd * 100))
            return
        self.add(tuple(fact.target), fact.sat)
        if fee:
            self.dispose(fact, fee, 0)

    def add(self, place, sat):
        self.places[place] = self.places.get(place, 0) + sat

    def dispose(self, fact, sat, fee_cents):
        proceeds = half_up(sat * int(fact.price_usd * 100), 100_000_000) - fee_cents
        basis = self.take(sat)
        self.went_cents += basis
        self.proceeds_cents += proceeds
        self.gains[fact.source] = proceeds - basis

    def take(self, sat):
        if self.method == "average":
            self.lots = [["pool", sum(lot[1] for lot in self.lots), sum(lot[2] for lot in self.lots)]]
        basis = 0
        while sat:
            lot = self.lots[0]
            taken = min(sat, lot[1])
            cents = lot[2] if taken == lot[1] else half_up(lot[2] * taken, lot[1])
            lot[1], lot[2] = lot[1] - taken, lot[2] - cents
            basis, sat = basis + cents, sat - taken
            if not lot[1]:
                self.lots.pop(0)
        return basis


def half_up(number, by):
    return (2 * number + by) // (2 * by)
