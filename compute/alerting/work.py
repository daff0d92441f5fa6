"""Rules of what people and the console decide: what waits for a yes, what nobody knows of, holds that stand long."""

from datetime import timedelta
from typing import Final

from django.db.models import Count, Min

from cango_ops.alerts.rules import (
    DECISION,
    EVERYONE,
    OPERATOR,
    SITE,
    WARNING,
    Context,
    Finding,
    Place,
    Rule,
    Verdicts,
)
from cango_ops.alerts.table import RuleSet
from compute.commands import hold
from compute.models import Command, Decision, Hold, Order
from sites.alerting import place_of
from sites.models import Site

DECIDE: Final = Rule(
    name="decision.waiting", title="Decision waits", severity=DECISION, hold_s=0, clear_s=0, of_sites=False,
    why="a change that pays waits for a yes or a no; the price is what each hour of waiting forgoes",
)  # fmt: skip
ORDER: Final = Rule(
    name="order.waiting", title="Order waits", severity=DECISION, hold_s=0, clear_s=0, of_sites=False,
    why="somebody asked for machines to be told something and needs another person's approval",
)  # fmt: skip
UNKNOWN: Final = Rule(
    name="command.unknown", title="Commands unknown", severity=WARNING, hold_s=300, clear_s=0,
    why="they may have reached their machines, and nobody knows what those did",
)  # fmt: skip
HELD: Final = Rule(
    name="hold.long", title="Hold stands long", severity=WARNING, hold_s=0, clear_s=0, limit=3600, unit="s",
    why="while it stands nothing automatic leaves, also what would earn", of_sites=False,
)  # fmt: skip
RULES: Final = (DECIDE, ORDER, UNKNOWN, HELD)


def check(context: Context) -> Verdicts:
    found = [*decisions(), *orders(), *unknowns(), *holds(context)]
    return Verdicts(found, {rule.name for rule in RULES})


def decisions() -> list[Finding]:
    rows = Decision.objects.filter(state=Decision.State.PROPOSED).select_related("site")
    return [
        Finding(
            rule=DECIDE.name, subject=f"decision/{one.pk}", place=place_of(one.site), sentence=one.sentence,
            since=one.proposed_at, usd_per_h=one.usd_per_h, action=f"Answer by {one.not_after:%H:%M} UTC",
            url=f"/sites/{one.site.code}/switching/",
        )
        for one in rows
    ]  # fmt: skip


def orders() -> list[Finding]:
    rows = Order.objects.filter(state=Order.State.REQUESTED).select_related("site").annotate(machines=Count("commands"))
    return [
        Finding(
            rule=ORDER.name, subject=f"order/{one.pk}", place=place_of(one.site), since=one.requested_at,
            sentence=f"{one.get_verb_display()} for {one.machines} machines: {one.reason}",
            action=f"Answer by {one.not_after:%H:%M} UTC", url=f"/commands/{one.pk}/",
            usd_why="its requester knows what it is worth",
        )
        for one in rows
    ]  # fmt: skip


def unknowns() -> list[Finding]:
    rows = Command.objects.filter(state=Command.State.UNKNOWN).values("order__site").order_by("order__site")
    counted = {row["order__site"]: row for row in rows.annotate(count=Count("pk"), since=Min("ended_at"))}
    return [
        Finding(
            rule=UNKNOWN.name, subject=f"site/{site.code}", place=place_of(site), since=counted[site.pk]["since"],
            sentence=f"{counted[site.pk]['count']} commands unknown: nobody knows what these machines did",
            value=float(counted[site.pk]["count"]), action="Look at the machines and say", url="/commands/",
            usd_why="what they draw is not known",
        )
        for site in Site.objects.filter(pk__in=counted)
    ]  # fmt: skip


def holds(context: Context) -> list[Finding]:
    limit = timedelta(seconds=context.limit(HELD.name, ""))
    return [
        Finding(
            rule=HELD.name, subject=f"hold/{one.pk}", place=held_at(one), since=one.placed_at,
            sentence=f"Hold since {one.placed_at:%d %b %H:%M} UTC: nothing automatic leaves"
            + (f" ({one.reason})" if one.reason else ""),
            action="Lift it or say why not", url="/hold/", usd_why="what would have been proposed is not known",
        )
        for one in hold.standing().filter(placed_at__lte=context.now - limit)
    ]  # fmt: skip


def held_at(one: Hold) -> Place:
    if one.site is not None:
        return Place(SITE, one.site.code, one.site.pk, one.site.operator_id)
    return (
        Place(OPERATOR, one.operator.name, operator_id=one.operator.pk)
        if one.operator
        else Place(EVERYONE, "Every site")
    )


SET: Final = RuleSet("work", RULES, check)
