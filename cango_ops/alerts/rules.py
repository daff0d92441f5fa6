"""What a rule is, and what its check says of the world. Pure.

A check says of each subject that its condition holds (a Finding), or that nobody can tell (unknown); every other
subject of a rule that was judged is clear. What cannot be told changes nothing: stale inputs never resolve an alert.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final

CRITICAL: Final = "critical"
WARNING: Final = "warning"
DECISION: Final = "decision"
# The graver, the higher. A decision is nothing wrong: it waits for somebody.
GRAVITY: Final = {DECISION: 0, WARNING: 1, CRITICAL: 2}

# Whose an alert is: of a site, of an operator's account, of whoever sees any site, of the console's own people, of the
# treasury.
SITE: Final = "site"
OPERATOR: Final = "operator"
EVERYONE: Final = "everyone"
CONSOLE: Final = "console"
TREASURY: Final = "treasury"

Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """hold_s: how long the condition must hold before somebody is told; clear_s: how long it must be gone.

    limit: the threshold, in `unit` (a kind of base.figures: ratio, c, usd_per_h, s, pct); an open alert is judged by
    clear_limit instead, so that a value that wavers about the limit does not flap. None: there is nothing to set.
    covers: while it is open, the site's alerts of rules that are `under_link` are part of it. is_on: without a setting.
    """

    name: str
    title: str
    severity: str
    why: str
    hold_s: float = 60.0
    clear_s: float = 120.0
    limit: float | None = None
    clear_limit: float | None = None
    unit: str = ""
    of_sites: bool = True
    covers: bool = False
    under_link: bool = False
    is_on: bool = True


@dataclass(frozen=True, slots=True)
class Place:
    """Whose it is. name: as a person calls it, "PECOS"."""

    scope: str
    name: str
    site_id: int | None = None
    operator_id: int | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """The metric that a chart of the alert shows, by the names of the series API."""

    scope: str
    of: str
    metric: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The condition of a rule holds for a subject ("site/PECOS", "order/17").

    sentence: what happened; since: when, None where the world does not say.   usd_per_h: what it costs an hour, None
    where nobody can work it out, then usd_why says so.   action, url: the one thing to do next, and where.
    """

    rule: str
    subject: str
    place: Place
    sentence: str
    action: str
    url: str
    severity: str = ""
    since: datetime | None = None
    usd_per_h: Decimal | None = None
    usd_why: str = ""
    value: float | None = None
    shown: Shown | None = None

    @property
    def key(self) -> Key:
        return self.rule, self.subject


@dataclass(slots=True)
class Verdicts:
    """What a check found. judged: rules it could judge at all. unknown: subjects of them of which nobody can tell."""

    found: list[Finding] = field(default_factory=list)
    judged: set[str] = field(default_factory=set)
    unknown: set[Key] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Setting:
    """What a manager set for a rule at a site. None: as the rule says."""

    limit: float | None = None
    hold_s: float | None = None
    is_on: bool | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What a check may know beside its own data. settings: by rule and site, None is every site. open: what fires."""

    now: datetime
    rules: Mapping[str, Rule]
    settings: Mapping[tuple[str, int | None], Setting] = field(default_factory=dict)
    open: frozenset[Key] = frozenset()

    def setting(self, rule: str, site_id: int | None) -> Setting:
        """The site's own, completed by that of every site."""
        own, all_of = (self.settings.get((rule, one), Setting()) for one in (site_id, None))
        return Setting(
            own.limit if own.limit is not None else all_of.limit,
            own.hold_s if own.hold_s is not None else all_of.hold_s,
            own.is_on if own.is_on is not None else all_of.is_on,
        )

    def is_on(self, rule: str, site_id: int | None = None) -> bool:
        said = self.setting(rule, site_id).is_on
        return self.rules[rule].is_on if said is None else said

    def limit(self, rule: str, subject: str, site_id: int | None = None) -> float:
        """The limit that counts now. An open alert's is nearer to good by the same share as in the rule."""
        one = self.rules[rule]
        if one.limit is None:
            raise ValueError(f"{rule} has no limit")
        said = self.setting(rule, site_id).limit
        limit = one.limit if said is None else said
        is_open = (rule, subject) in self.open
        return limit * one.clear_limit / one.limit if is_open and one.clear_limit is not None else limit

    def hold_s(self, rule: str, site_id: int | None = None) -> float:
        said = self.setting(rule, site_id).hold_s
        return self.rules[rule].hold_s if said is None else said
