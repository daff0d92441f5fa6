"""Who may follow which topic. Apps register a rule for each kind of topic; this module knows none of them."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from typing import Final

from cango_ops.base.models import User

# Of the names after the prefix ("PECOS" of "site/PECOS", "" of "fleet"), those that the user may follow.
MaySee = Callable[[User, Collection[str]], set[str]]

LONGEST: Final = 100
RULES: Final[dict[str, MaySee]] = {}


def register(prefix: str, may_see: MaySee) -> None:
    """From now on topics "prefix" and "prefix/NAME" are judged by that rule, in one call for many names."""
    RULES[prefix] = may_see


def visible(user: User, topics: Iterable[str]) -> set[str]:
    """Those of the topics that the user may follow now; a topic without a rule is nobody's."""
    asked: dict[str, dict[str, str]] = defaultdict(dict)
    for topic in topics:
        prefix, _, name = topic.partition("/")
        if prefix in RULES and len(topic) <= LONGEST:
            asked[prefix][name] = topic
    return {names[name] for prefix, names in asked.items() for name in RULES[prefix](user, names.keys()) & names.keys()}
