"""Which machines are told another power limit, and which: the answer of a move at the moment when it is carried out."""

from collections import defaultdict
from typing import Any, Final

from django.db.models import QuerySet

from cango_ops.base import clock
from compute.commands.states import FINAL
from compute.decisions.standing import WORKING, stuck_devices
from compute.decisions.tiers import machines_of
from compute.models import Command, Device
from sites.models import Site

MOST_PLACES: Final = 4


def told_limits(site: Site, move: dict[str, Any]) -> dict[int, list[int]]:
    """Devices by the limit that they are told.

    Lowered are machines container by container; raised those that were lowered first, each no higher than what it
    stood under before.
    """
    from_w, limit_w, ladder_w = move["from_w"], move["limit_w"], move["ladder_w"]
    rows = free(site, machines_of(site, move["unit"])).filter(now__state__in=WORKING)
    rows = rows.exclude(pk__in=stuck_devices(site, clock.now()))
    if limit_w > from_w:
        rows = rows.filter(now__own_limit_w__isnull=False).order_by("now__limit_since", "container__code", "slot")
    else:
        rows = rows.order_by("container__code", "slot")
    found: dict[int, list[int]] = defaultdict(list)
    left = move["from"]
    for device in rows.select_related("now"):
        if left <= 0:
            break
        target_w = target_of(device, limit_w, ladder_w)
        if nearest_w(device.now.power_limit_w, ladder_w) == from_w and target_w is not None:
            found[target_w].append(device.pk)
            left -= 1
    return dict(found)


def free(site: Site, rows: QuerySet[Device]) -> QuerySet[Device]:
    """Without those that are being told something: another move of the same decision may have taken them."""
    under_way = Command.objects.filter(order__site=site, device__isnull=False).exclude(state__in=FINAL)
    return rows.exclude(pk__in=under_way.values("device_id"))


def places_of(site: Site, move: dict[str, Any]) -> str:
    """The containers of the machines that would be told now."""
    devices = [device for told in told_limits(site, move).values() for device in told]
    codes = Device.objects.filter(pk__in=devices).order_by("container__code").values_list("container__code", flat=True)
    found = list(dict.fromkeys(codes))
    more = f" and {len(found) - MOST_PLACES} more" if len(found) > MOST_PLACES else ""
    return ", ".join(found[:MOST_PLACES]) + more


def target_of(device: Device, limit_w: int, ladder_w: list[int]) -> int | None:
    """What the machine is told; None where it may not stand so high."""
    own = device.now.own_limit_w
    if own is None or limit_w < nearest_w(own, ladder_w):
        return limit_w
    return own if limit_w == nearest_w(own, ladder_w) else None


def nearest_w(limit_w: int | None, ladder_w: list[int]) -> int:
    """The rung of the ladder on which such a limit stands; of one that is not known the last."""
    return ladder_w[-1] if limit_w is None else min(ladder_w, key=lambda rung: abs(rung - limit_w))


def of_limits(rows: QuerySet[Device], move: dict[str, Any]) -> list[int]:
    """So many of the rows, in their order, as the move has of each limit."""
    left, found = dict(move["of"]), []
    for pk, limit_w in rows.values_list("pk", "now__power_limit_w"):
        rung = nearest_w(limit_w, move["ladder_w"])
        if left.get(rung, 0) > 0:
            left[rung] -= 1
            found.append(pk)
    return found
