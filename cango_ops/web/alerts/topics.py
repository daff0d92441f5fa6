"""Who may follow the topic "alerts": whoever has a role anywhere may know that something changed."""

from collections.abc import Collection

from cango_ops.base.models import User
from sites.models import Membership


def visible_alerts(user: User, names: Collection[str]) -> set[str]:
    return {""} if Membership.objects.filter(user=user).exists() else set()
