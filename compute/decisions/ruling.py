"""Who must agree to a decision: the site's policy for the console, as it is when it is asked."""

from decimal import Decimal
from typing import Any

from compute.commands import hold, policies
from compute.commands.policy import APPROVE, Limits, Ruling, Wish, rule
from compute.decisions.alternatives import usd_per_mwh
from compute.decisions.round import Round
from compute.decisions.tiers import SPOT
from compute.models import Decision
from compute.switching.inputs import BATTERY
from sites.models import Site


def ruling_of(site: Site, moves: list[dict[str, Any]], hours: float, risk_usd: Decimal | None) -> tuple[Ruling, int]:
    """The ruling and how many must say yes. Where the console may only advise, a person orders and others approve: one
    word more."""
    kw = sum(abs(move["mw"]) for move in moves) * 1000
    wish = Wish(kw, hours, risk_usd, is_held=hold.is_held(site), is_below_sla=any(map(leaves_customer, moves)))
    limits = policies.limits_of(site, None)
    ruling = rule(limits, wish)
    if ruling.approvals is not None:
        return ruling, ruling.approvals
    person = rule(Limits(APPROVE, two_person_above_kw=limits.two_person_above_kw), wish)
    words = f"the console only advises here: a person orders, and {person.why}"
    return Ruling(None, words), 1 + (person.approvals or 1)


def leaves_customer(move: dict[str, Any]) -> bool:
    """Whether nodes that somebody has bought go to sleep."""
    return move["use"] == "ai" and move["unit"] != SPOT and move["to"] < move["from"]


def risk_usd(this: Round) -> float:
    """What the change may cost at most: the revenue given up by what stops, the power bought by what starts."""
    assert this.change is not None
    units = {unit.id: unit for unit in this.site.units}
    price = abs(float(this.site.grid.import_price_usd_mwh[0]))
    total = 0.0
    for move in this.change.moves:
        if move.unit == BATTERY and this.site.battery is not None:
            wear = this.site.battery.wear_usd_per_mwh_discharged
            total += abs(move.after) * this.change.hours * (price if move.after > 0 else wear)
            continue
        revenue = float(usd_per_mwh(this.site, units[move.unit], 0).max(initial=0.0))
        total += abs(move.mw) * this.change.hours * (price if move.mw > 0 else revenue)
    return total


def judged_again(decision: Decision) -> bool:
    """By the policy of now, which may ask for more than that of the proposal and never for less; True where it did.
    Part of the caller's transaction, which has the row locked."""
    hours = (decision.until_at - decision.plan.begin_at).total_seconds() / 3600
    ruling, needed = ruling_of(decision.site, decision.moves, hours, decision.risk_usd)
    if needed <= decision.approvals_needed:
        return False
    decision.approvals_needed, decision.ruling, decision.is_automatic = needed, ruling.why[:200], False
    decision.save(update_fields=["approvals_needed", "ruling", "is_automatic"])
    return True
