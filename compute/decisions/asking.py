"""How a move of a decision asks for its orders, each as a call that may raise Refused."""

from collections.abc import Callable
from typing import TypeAlias

from cango_ops.base.models import User
from compute.commands.refusal import Refused
from compute.models import Decision, Order

Ask: TypeAlias = Callable[[User | None], Order]


def refuse(why: str, actor: User | None) -> Order:
    raise Refused(why)


def source_of(decision: Decision) -> str:
    return f"decision/{decision.pk}"
