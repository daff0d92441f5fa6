"""The policy that holds, what held before, and what is proposed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cango_ops.base import clock, crumbs
from cango_ops.base.models import User
from treasury.models import Proposal, TreasuryPolicy
from treasury.proposals.policy import Policy, standing
from treasury.web.proposals.listing import TREASURY, Held, Item, K, S, item


@dataclass(frozen=True)
class PolicyPage:
    """versions: what held before, the newest first."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    policy: Policy
    stance: str
    caps: tuple[tuple[str, Any], ...]
    versions: tuple[TreasuryPolicy, ...]
    waiting: tuple[Item, ...]
    may_move: bool
    as_of: datetime


def policy_page(user: User) -> PolicyPage:
    policy, held = standing(), Held.by(user)
    stance = TreasuryPolicy.Stance(policy.stance).label
    asked = Proposal.objects.filter(kind=K.POLICY, state=S.PROPOSED).select_related("maker")
    return PolicyPage(
        title=f"{stance}" if policy.version else f"{stance}; nobody has set a policy, the defaults hold",
        crumbs=(crumbs.COMPANY, TREASURY, crumbs.Crumb("Policy", "/treasury/policy/")),
        policy=policy,
        stance=str(stance),
        caps=tuple(sorted(policy.caps.items())),
        versions=tuple(
            TreasuryPolicy.objects.visible_to(user).select_related("proposal__maker").prefetch_related("caps")[:50]
        ),
        waiting=tuple(item(row, held) for row in asked.prefetch_related("approvals__approver")),
        may_move=held.moves,
        as_of=clock.now(),
    )
