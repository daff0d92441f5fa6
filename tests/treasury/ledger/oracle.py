"""A second way to the same books: whole cents and satoshis in plain lists, nothing of the product's but its facts."""

from dataclasses import dataclass, field

from treasury.ledger.facts import Acquired, Sold


@dataclass
class Oracle:
    """method: "fifo" or "average".   is_by_wallet: lots lie where their coins lie, else all in one place.
    held: by place [order, sat, cents], oldest first."""

    method: str
    is_by_wallet: bool = False
    places: dict = field(default_factory=dict)
    held: dict = field(default_factory=dict)
    gains: dict = field(default_factory=dict)
    refused: list = field(default_factory=list)
    came_cents: int = 0
    went_cents: int = 0
    proceeds_cents: int = 0

    @property
    def lots(self):
        return [lot for lots in self.held.values() for lot in lots]

    def run(self, facts):
        once = {fact.source: fact for fact in facts}
        for fact in sorted(once.values(), key=lambda one: (one.at, one.seq, one.source)):
            self.one(fact)
        return self

    def one(self, fact):
        if isinstance(fact, Acquired):
            self.add(("wallet", fact.wallet), fact.sat)
            self.put(("wallet", fact.wallet), [(fact.at, fact.seq, fact.source), fact.sat, int(fact.cost_usd * 100)])
            self.came_cents += int(fact.cost_usd * 100)
            return
        out = ("wallet", fact.wallet) if isinstance(fact, Sold) else tuple(fact.origin)
        fee = 0 if isinstance(fact, Sold) else fact.network_fee_sat
        if self.places.get(out, 0) < fact.sat + fee:
            self.refused.append(fact.source)
            return
        self.add(out, -fact.sat - fee)
        if isinstance(fact, Sold):
            self.dispose(fact, out, fact.sat, int(fact.fee_usd * 100))
            return
        self.add(tuple(fact.target), fact.sat)
        for lot in self.take(out, fact.sat) if self.is_by_wallet else ():
            self.put(tuple(fact.target), lot)
        if fee:
            self.dispose(fact, out, fee, 0)

    def add(self, place, sat):
        self.places[place] = self.places.get(place, 0) + sat

    def put(self, place, lot):
        lots = self.held.setdefault(place if self.is_by_wallet else None, [])
        for own in lots:
            if own[0] == lot[0]:  # a part of the same lot that came back
                own[1], own[2] = own[1] + lot[1], own[2] + lot[2]
                return
        lots.append(lot)
        lots.sort(key=lambda one: one[0])

    def dispose(self, fact, place, sat, fee_cents):
        proceeds = half_up(sat * int(fact.price_usd * 100), 100_000_000) - fee_cents
        basis = sum(lot[2] for lot in self.take(place, sat))
        self.went_cents += basis
        self.proceeds_cents += proceeds
        self.gains[fact.source] = proceeds - basis

    def take(self, place, sat):
        lots = self.held[place if self.is_by_wallet else None]
        if self.method == "average":
            lots[:] = [[lots[0][0], sum(lot[1] for lot in lots), sum(lot[2] for lot in lots)]]
        parts = []
        while sat:
            lot = lots[0]
            taken = min(sat, lot[1])
            cents = lot[2] if taken == lot[1] else half_up(lot[2] * taken, lot[1])
            lot[1], lot[2] = lot[1] - taken, lot[2] - cents
            parts.append([lot[0], taken, cents])
            sat -= taken
            if not lot[1]:
                lots.pop(0)
        return parts


def half_up(number, by):
    return (2 * number + by) // (2 * by)
