"""Who may follow the topics "container/ID"."""

from collections.abc import Collection

from cango_ops.base.models import User
from compute.models import Container


def visible_containers(user: User, names: Collection[str]) -> set[str]:
    ids = [int(name) for name in names if name.isascii() and name.isdecimal() and len(name) < 19]
    return {str(pk) for pk in Container.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True)}
