"""The table of all rules, made on top of the apps and handed down: this package knows none of them."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q

from cango_ops.alerts.rules import Context, Rule, Verdicts
from cango_ops.base.models import User


@dataclass(frozen=True)
class RuleSet:
    """Rules that one check judges together, out of the same few rows."""

    name: str
    rules: tuple[Rule, ...]
    check: Callable[[Context], Verdicts]


@dataclass(frozen=True)
class Table:
    """seen: the condition on Alert for what a person may see."""

    sets: tuple[RuleSet, ...]
    seen: Callable[[User], Q]

    @property
    def rules(self) -> dict[str, Rule]:
        return {rule.name: rule for one in self.sets for rule in one.rules}
