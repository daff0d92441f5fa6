"""How many people must approve a request: the site's policy, by the role of who makes it. Pure.

The requester never approves his own request, so what needs two approvals needs three people in all.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from compute.models.hold import CommandPolicy

ADVISE: Final = CommandPolicy.Mode.ADVISE
APPROVE: Final = CommandPolicy.Mode.APPROVE
AUTOMATIC: Final = CommandPolicy.Mode.AUTOMATIC
# Of roles that may ask at all, the strongest first.
REQUESTERS: Final = ("admin", "manager", "operator")
TWO_PEOPLE_KW: Final = 1000.0


@dataclass(frozen=True)
class Limits:
    """A row of the policy. max_*: what needs no approval in mode automatic."""

    mode: str = APPROVE
    max_kw: float = 0.0
    max_hours: float = 0.0
    max_usd: Decimal = Decimal(0)
    two_person_above_kw: float = TWO_PEOPLE_KW


@dataclass(frozen=True)
class Wish:
    """What is asked for. kw: the change of power, whichever way. hours, risk_usd: None where nobody can say.
    is_below_sla: nodes that a customer has bought would sleep."""

    kw: float
    hours: float | None = None
    risk_usd: Decimal | None = None
    is_held: bool = False
    is_below_sla: bool = False


@dataclass(frozen=True)
class Ruling:
    """approvals: how many are needed, None: it must not run at all. why: in words, kept with the order."""

    approvals: int | None
    why: str


# Without a row of the site: people ask and others approve, the console itself only advises.
DEFAULTS: Final[dict[str, Limits]] = {
    "operator": Limits(),
    "manager": Limits(),
    "admin": Limits(),
    "console": Limits(mode=ADVISE),
}


def rule(limits: Limits, wish: Wish) -> Ruling:
    if limits.mode == ADVISE:
        return Ruling(None, "the site's policy is to advise only")
    if wish.kw > limits.two_person_above_kw:
        return Ruling(2, f"above {limits.two_person_above_kw:,.0f} kW two people approve")
    if limits.mode != AUTOMATIC:
        return Ruling(1, "the site's policy asks for an approval")
    if wish.is_held:
        return Ruling(1, "a hold stands: nothing runs without an approval")
    beyond = exceeded(limits, wish)
    return Ruling(1, beyond) if beyond else Ruling(0, "within the site's limits for running by itself")


def exceeded(limits: Limits, wish: Wish) -> str:
    """The first limit that the wish is not known to keep, or nothing."""
    if wish.is_below_sla:
        return "a customer's nodes would sleep, so an approval is needed"
    if wish.kw > limits.max_kw:
        return f"above {limits.max_kw:,.0f} kW an approval is needed"
    if wish.hours is None:
        return "without an end in hours an approval is needed"
    if wish.hours > limits.max_hours:
        return f"above {limits.max_hours:g} h an approval is needed"
    if wish.risk_usd is None:
        return "what it may cost is not known, so an approval is needed"
    if wish.risk_usd > limits.max_usd:
        return f"above ${limits.max_usd:,.0f} at risk an approval is needed"
    return ""
