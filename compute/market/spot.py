"""What the spot market asks of a site's GPU nodes, told by those who operate it or by a broker's program."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from django.db import transaction

from cango_ops.base import audit
from cango_ops.base.clock import database_now
from cango_ops.base.models import User
from compute.models import SpotDemand
from sites import rights
from sites.models import Site

AHEAD: Final = timedelta(minutes=5)
OLDEST: Final = timedelta(days=7)
LONGEST: Final = timedelta(days=92)


class SpotRefused(ValueError):
    """Why it is not kept. field: what is wrong, empty where it is no field. is_right: the person may not.
    is_known: something else was told already."""

    def __init__(self, words: str, field: str = "", *, is_right: bool = False, is_known: bool = False) -> None:
        super().__init__(words)
        self.field = field
        self.is_right = is_right
        self.is_known = is_known


class Asked(NamedTuple):
    """So many nodes more could be sold by the hour, as the source saw it at observed_at and until good_until."""

    observed_at: datetime
    nodes: int
    usd_per_node_h: Decimal
    good_until: datetime
    source: str


def may_tell(actor: User, site: Site) -> bool:
    return rights.may(actor, rights.OPERATE, site)


def tell(actor: User, site: Site, said: Asked) -> tuple[SpotDemand, bool]:
    """The word, and whether it is new: the same of the same instant is one. Raises SpotRefused."""
    if not may_tell(actor, site):
        raise SpotRefused("your role at this site does not allow it", is_right=True)
    check(said, database_now())
    content = {"nodes": said.nodes, "usd_per_node_h": said.usd_per_node_h, "good_until": said.good_until,
               "source": said.source}  # fmt: skip
    with transaction.atomic():
        row, is_new = SpotDemand.objects.get_or_create(site=site, observed_at=said.observed_at, defaults=content)
        if not is_new and any(getattr(row, name) != value for name, value in content.items()):
            raise SpotRefused("something else was told of that very instant", "observed_at", is_known=True)
        if is_new:
            detail: dict[str, object] = {name: str(value) for name, value in said._asdict().items()}
            audit.record(actor, "spot_demand.told", f"site/{site.code}", detail)
    return row, is_new


def check(said: Asked, now: datetime) -> None:
    """Raises SpotRefused."""
    if not now - OLDEST < said.observed_at < now + AHEAD:
        raise SpotRefused(f"it was seen within the last {OLDEST.days} days", "observed_at")
    if not said.observed_at < said.good_until <= said.observed_at + LONGEST:
        raise SpotRefused(f"it is good for at most {LONGEST.days} days after it was seen", "good_until")
