"""Alerts of each kind of place, and rounds over the console's real rules."""

import time
import uuid
from datetime import timedelta

from django.utils import timezone

from cango_ops.alerts.evaluate import evaluate
from cango_ops.alerts.models import Alert
from cango_ops.alerts.rules import CONSOLE, EVERYONE, OPERATOR, SITE, TREASURY
from cango_ops.web.alerts.table import TABLE
from compute.models import Container, Decision, NetworkReading, Plan
from compute.telemetry import sitemap, store
from sites.models import Site
from tests.alerts.rules import later
from tests.compute.telemetry.sweeps import heard, machine, mining, silent

__all__ = ["judge", "later", "make_alert", "make_decision", "one_of_each", "sweep", "value_hashes"]


def make_alert(place: str = "Console", scope: str = CONSOLE, **words: object) -> Alert:
    """One that fires."""
    now = timezone.now()
    said = {
        "rule": "site.hot", "subject": f"{scope}/{place}", "state": "firing", "severity": "warning",
        "sentence": f"Something at {place}", "action": "Look", "url": "/system/", "usd_why": "nobody knows",
        "since": now, "held_since": now, "judged_at": now, "fired_at": now, "round": 1, "round_at": now,
    }  # fmt: skip
    return Alert.objects.create(scope=scope, place=place, **(said | words))


def at_site(site: Site, **words: object) -> Alert:
    return make_alert(site.code, SITE, site_id=site.pk, operator_id=site.operator_id, **words)


def one_of_each(world) -> dict[str, Alert]:
    """By name: an alert of each site, of each operator, of the console, of the treasury, of everybody."""
    found = {site.code: at_site(site) for site in (world.pecos, world.muscat, world.ghost)}
    for operator in (world.company, world.partner):
        found[operator.code] = make_alert(operator.name, OPERATOR, operator_id=operator.pk)
    return found | {
        "console": make_alert(), "treasury": make_alert("Treasury", TREASURY), "all": make_alert("Collector", EVERYONE)
    }  # fmt: skip


def sweep(box: Container, hashrates: list[float | None], ago_s: float = 5, **said: object) -> None:
    sitemap.forget()
    at = time.time() - ago_s
    store.write(box.site_id, [
        silent(machine(box, slot), at) if ths is None else heard(machine(box, slot), at, mining(ths, **said))
        for slot, ths in enumerate(hashrates, 1)
    ])  # fmt: skip


def value_hashes(usd_per_ph_day: float = 48.0) -> None:
    """A hash is worth so much: 48 dollars are 2 an hour for each PH/s."""
    NetworkReading.objects.create(
        observed_at=timezone.now(), source="test", difficulty=1e14, reward_sat=312_500_000, price_usd=100_000,
        hashprice_usd_per_ph_day=usd_per_ph_day,
    )  # fmt: skip


def make_decision(site: Site, usd_per_h: int = 25) -> Decision:
    now = timezone.now()
    plan = Plan.objects.create(site=site, made_at=now, begin_at=now)
    return Decision.objects.create(
        site=site, plan=plan, direction="stop", sentence="Sell 2 MW until 16:00.", gain_usd=50, usd_per_h=usd_per_h,
        change_mw=-1.0, proposed_at=now, until_at=now + timedelta(hours=2), not_after=now + timedelta(minutes=30),
        approvals_needed=1, ruling="", request_id=uuid.uuid4(),
    )  # fmt: skip


def judge() -> None:
    evaluate(TABLE)
