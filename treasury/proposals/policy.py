"""How many others must approve a proposal, or why it is not taken at all. The rule is pure; the newest policy is read.

Whoever sets the caps cannot do so alone: a change of policy is itself a proposal, and takes two others.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from treasury.models import Proposal, TreasuryPolicy
from treasury.proposals.terms import CAPPED_ROLES

K = Proposal.Kind
# Above what the role may propose alone with one other person; and what counts until a policy is set.
# What happened at a lender is a fact: no cap stops it.
TOLD: Final = (K.DRAW, K.CALL, K.RATE, K.LIQUIDATION)
WITHOUT_VALUE: Final = (K.ADDRESS, K.COST_METHOD, K.LOT_SCOPE, K.POLICY, K.EXCEPTION, K.IMPORT, *TOLD)
# What takes two others whatever it is worth.
OF_THE_RULES: Final = (K.POLICY, K.EXCEPTION)
SALES: Final = (K.SALE, K.SELL_TO_FUND)
HOLD: Final = TreasuryPolicy.Stance.HOLD


@dataclass(frozen=True)
class Cap:
    """Dollars that people of a role may propose each time and in a day, and above which two others approve."""

    each_usd: Decimal = Decimal("5000000.00")
    day_usd: Decimal = Decimal("10000000.00")
    two_above_usd: Decimal = Decimal("1000000.00")


@dataclass(frozen=True)
class Policy:
    """What holds now. version: None where nobody has set one, and the defaults hold."""

    stance: str = HOLD
    words: str = ""
    least_free_sat: int = 0
    most_ltv_pct: Decimal | None = None
    cooling_off_h: int = 24
    valid_h: int = 48
    caps: dict[str, Cap] = field(default_factory=lambda: {role: Cap() for role in CAPPED_ROLES})
    version: int | None = None


@dataclass(frozen=True)
class Wish:
    """What is judged. today_usd: what people of the role proposed today before it, and has not come to nothing."""

    kind: str
    role: str
    value_usd: Decimal | None
    today_usd: Decimal
    free_after_sat: int
    ltv_after_pct: Decimal | None


@dataclass(frozen=True)
class Ruling:
    """approvals None: it is not taken."""

    approvals: int | None
    why: str


def rule(policy: Policy, wish: Wish) -> Ruling:
    if wish.kind in WITHOUT_VALUE:
        is_rule = wish.kind in OF_THE_RULES
        return Ruling(2, "the rules themselves take two others") if is_rule else Ruling(1, "one other")
    cap = policy.caps.get(wish.role, Cap())
    if wish.value_usd is None:
        return Ruling(None, "there is no fresh price, so it cannot be held against the caps")
    if wish.value_usd > cap.each_usd:
        return Ruling(None, f"${wish.value_usd:,f} is above the cap of ${cap.each_usd:,f} each for a {wish.role}")
    if wish.today_usd + wish.value_usd > cap.day_usd:
        total = wish.today_usd + wish.value_usd
        return Ruling(None, f"with today's ${total:,f} it is above the day's cap of ${cap.day_usd:,f}")
    reasons = reasons_for_two(policy, cap, wish)
    return Ruling(2, "two others: " + "; ".join(reasons)) if reasons else Ruling(1, "one other: within every limit")


def reasons_for_two(policy: Policy, cap: Cap, wish: Wish) -> list[str]:
    assert wish.value_usd is not None
    found = []
    if wish.value_usd > cap.two_above_usd:
        found.append(f"it is worth more than ${cap.two_above_usd:,f}")
    if wish.kind in SALES and policy.stance == HOLD:
        found.append("the policy is to hold")
    if wish.free_after_sat < policy.least_free_sat and wish.kind != K.RELEASE:
        found.append("fewer bitcoin would be free than the policy keeps")
    if policy.most_ltv_pct is not None and wish.ltv_after_pct is not None and wish.ltv_after_pct > policy.most_ltv_pct:
        found.append("the LTV would be above the policy's")
    return found


def standing() -> Policy:
    """The newest version, or the defaults."""
    row = TreasuryPolicy.objects.prefetch_related("caps").first()
    if row is None:
        return Policy()
    caps = {cap.role: Cap(cap.each_usd, cap.day_usd, cap.two_above_usd) for cap in row.caps.all()}
    return Policy(
        row.stance, row.words, row.least_free_sat, row.most_ltv_pct, row.cooling_off_h, row.valid_h,
        {role: Cap() for role in CAPPED_ROLES} | caps, row.pk,
    )  # fmt: skip
