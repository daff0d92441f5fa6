"""What browsers follow of plans and decisions: "switching", and "switching/CODE" of a site."""

from collections.abc import Collection

from cango_ops.base.models import User
from sites.models import Site

QUEUE = "switching"


def topics_of(code: str) -> tuple[str, str]:
    return QUEUE, f"{QUEUE}/{code}"


def visible(user: User, names: Collection[str]) -> set[str]:
    """The queue is one topic for whoever sees a site; a site's is for those who see it."""
    seen = Site.objects.visible_to(user)
    codes = set(seen.filter(code__in=[name for name in names if name]).values_list("code", flat=True))
    return codes | ({""} if "" in names and seen.exists() else set())
