"""A small table of rules whose world the test itself says."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from django.db.models import F, Q

from cango_ops.alerts.evaluate import evaluate
from cango_ops.alerts.models import Alert
from cango_ops.alerts.rules import CRITICAL, SITE, WARNING, Context, Finding, Place, Rule, Verdicts
from cango_ops.alerts.table import RuleSet, Table

HEAT = Rule(name="heat", title="Heat", severity=WARNING, why="", hold_s=0, clear_s=0, under_link=True)
SLOW = Rule(name="slow", title="Slow", severity=WARNING, why="", hold_s=60, clear_s=120)
LINK = Rule(name="link", title="Link", severity=CRITICAL, why="", hold_s=0, clear_s=0, covers=True)
PECOS = Place(SITE, "PECOS", 1, 7)


def finding(rule: Rule = HEAT, subject: str = "site/PECOS", **words: object) -> Finding:
    said = {
        "place": PECOS, "sentence": "95 °C", "action": "Check the cooling", "url": "/sites/PECOS/", "usd_why": "none",
    }  # fmt: skip
    return Finding(rule=rule.name, subject=subject, **(said | words))


@dataclass
class Little:
    """What the rules see now. fails: the check raises."""

    found: list[Finding] = field(default_factory=list)
    unknown: set[tuple[str, str]] = field(default_factory=set)
    fails: bool = False
    seen: Q = field(default_factory=Q)

    def check(self, context: Context) -> Verdicts:
        if self.fails:
            raise RuntimeError("no input")
        return Verdicts(list(self.found), {HEAT.name, SLOW.name, LINK.name}, set(self.unknown))

    def round(self) -> None:
        evaluate(Table((RuleSet("little", (HEAT, SLOW, LINK), self.check),), lambda user: self.seen))

    def says(self, **words: object) -> None:
        """The first finding, with other words."""
        self.found[0] = replace(self.found[0], **words)


def later(seconds: float) -> None:
    """As if so much time had passed: every moment of the alerts lies so much further back."""
    back = timedelta(seconds=seconds)
    for name in ("since", "held_since", "judged_at", "clear_since", "fired_at", "round_at", "resolved_at",
                 "acknowledged_at", "silenced_until"):  # fmt: skip
        Alert.objects.update(**{name: F(name) - back})


def standing() -> list[tuple[str, str]]:
    return list(Alert.objects.order_by("pk").values_list("subject", "state"))
