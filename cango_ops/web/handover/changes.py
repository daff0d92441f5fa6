"""What people and the console changed at some sites since a time, read from the audit chain."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from cango_ops.alerts.models import Alert
from cango_ops.base.models import AuditEvent
from cango_ops.web.handover.row import Row
from compute.models import Decision, Order
from sites.models import Site

# So many deeds of the shift are looked at, of every site: the newest.
MOST_READ: Final = 20_000
# What the shift did to the sites. Steps of single machines, and proposals that nobody took, are left out: what came
# of them stands in the other sections. Logins, addresses and the treasury's deeds are not for all who see a site.
DEEDS: Final = re.compile(
    r"(alert|window|order|note|hold|policy|alert_rule|storage|programme|contract)\..+|swap|apply_map|apply_scan"
    r"|decision\.(approved|automatic|ordered|held|refused|done|failed)"
)
NUMBERED: Final = ("order", "decision", "alert")
PAGES: Final = {"order": "/commands/{}/", "decision": "/switching/{}/", "alert": "/alerts/{}/", "site": "/sites/{}/"}


def changes(sites: Sequence[Site], began_at: datetime) -> Iterator[Row]:
    """The newest first. Deeds at other things than a site, a device, an order, a decision or an alert are left out."""
    rows = AuditEvent.objects.filter(at__gte=began_at).exclude(verb__startswith="command.").order_by("-sequence")
    events = [one for one in rows[:MOST_READ] if DEEDS.fullmatch(one.verb)]
    places = places_of({one.target for one in events}, sites)
    for one in events:
        place = places.get(one.target)
        if place is not None:
            kind, _, name = one.target.partition("/")
            url = PAGES["site" if kind == "device" else kind].format(name)
            yield Row(one.at, place, words_of(one), one.actor, "", url)


def places_of(targets: Iterable[str], sites: Sequence[Site]) -> dict[str, str]:
    """Where each target is, for those at these sites."""
    codes = {site.pk: site.code for site in sites}
    known = set(codes.values())
    ids: dict[str, set[int]] = defaultdict(set)
    found = {}
    for target in targets:
        kind, _, name = target.partition("/")
        if kind in ("site", "device") and name.split("/")[0] in known:
            found[target] = name
        elif kind in NUMBERED and name.isdecimal():
            ids[kind].add(int(name))
    for kind, rows in at_sites(ids, codes):
        found |= {f"{kind}/{pk}": codes[site_id] for pk, site_id in rows}
    return found


def at_sites(ids: dict[str, set[int]], codes: Collection[int]) -> Iterator[tuple[str, QuerySet]]:
    here = {"site_id__in": list(codes)}
    yield "order", Order.objects.filter(pk__in=ids["order"], **here).values_list("pk", "site_id")
    yield "decision", Decision.objects.filter(pk__in=ids["decision"], **here).values_list("pk", "site_id")
    yield "alert", Alert.objects.filter(pk__in=ids["alert"], scope="site", **here).values_list("pk", "site_id")


def words_of(event: AuditEvent) -> str:
    deed = event.verb.replace(".", " ").replace("_", " ")
    reason = event.detail.get("reason") or event.detail.get("words") or ""
    about = "" if event.target.startswith("site/") else f" ({event.target})"
    return f"{deed[:1].upper()}{deed[1:]}{about}{f': {reason}' if reason else ''}"
