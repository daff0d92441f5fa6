"""Who may follow the topics "fleet" and "site/CODE"."""

from collections.abc import Collection

from cango_ops.base.models import User
from sites.models import Site


def visible_fleet(user: User, names: Collection[str]) -> set[str]:
    """The fleet is one topic; whoever sees any site may know that something changed."""
    return {""} if Site.objects.visible_to(user).exists() else set()


def visible_sites(user: User, codes: Collection[str]) -> set[str]:
    return set(Site.objects.visible_to(user).filter(code__in=codes).values_list("code", flat=True))
