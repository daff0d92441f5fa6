"""Every address of the API with real ids in it, one for each site of the world. A new route must be entered here."""

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta

from django.urls import URLPattern, get_resolver
from django.utils import timezone

from cango_ops.alerts.models import Alert
from cango_ops.base.models import User
from compute.models import Backtest, Command, Container, Decision, Device, Order, Plan
from sites.models import Handover, Note, Site

# name -> the addresses of one site, or None for an address that belongs to no site
Addresses = Callable[[Site], str]


def container(site: Site) -> int:
    return Container.objects.get(site=site).pk


def device(site: Site) -> int:
    return Device.objects.filter(site=site).order_by("pk")[0].pk


def order(site: Site) -> int:
    """An order of the site with one command; made when it is first asked for."""
    found = Order.objects.filter(site=site).first()
    if found is None:
        now = timezone.now()
        person = User.objects.get(username="bo")
        found = Order.objects.create(
            request_id=uuid.uuid4(), site=site, verb="sleep", requested_by=person, requested_at=now, reason=site.name,
            ruling="", approvals_needed=1, not_after=now, promised_w=1.0, wave_size=1, waves=1,
        )  # fmt: skip
        first = Device.objects.filter(site=site).order_by("pk")[0]
        Command.objects.create(order=found, device=first, place=f"{site.code}/1/1", wave=1)
    return found.pk


def decision(site: Site) -> int:
    """A decision of the site with its plan; made when it is first asked for."""
    found = Decision.objects.filter(site=site).first()
    if found is None:
        now = timezone.now()
        plan = Plan.objects.create(site=site, made_at=now, begin_at=now)
        found = Decision.objects.create(
            site=site, plan=plan, direction="stop", sentence=site.name, gain_usd=50, usd_per_h=25, change_mw=-1.0,
            proposed_at=now, until_at=now + timedelta(hours=2), not_after=now + timedelta(minutes=30),
            approvals_needed=1, ruling="", request_id=uuid.uuid4(),
        )  # fmt: skip
    return found.pk


def alert(site: Site) -> int:
    """An alert of the site; made when it is first asked for."""
    found = Alert.objects.filter(site_id=site.pk).first()
    if found is None:
        now = timezone.now()
        found = Alert.objects.create(
            rule="site.hot", subject=f"site/{site.code}", scope="site", site_id=site.pk, operator_id=site.operator_id,
            place=site.code, state="firing", severity="warning", sentence=site.name, action="Look", url="/", since=now,
            held_since=now, judged_at=now,
        )  # fmt: skip
    return found.pk


def note(site: Site) -> int:
    """A note at the site; made when it is first asked for."""
    found = Note.objects.filter(site=site).first()
    if found is None:
        now, person = timezone.now(), User.objects.get(username="bo")
        found = Note.objects.create(
            request_id=uuid.uuid4(), site=site, at=now, words=site.name, written_by=person, written_at=now
        )
    return found.pk


def handover(site: Site) -> int:
    """A handover of the site; made when it is first asked for."""
    found = Handover.objects.filter(sites=site).first()
    if found is None:
        now = timezone.now()
        found = Handover.objects.create(
            request_id=uuid.uuid4(), shift_began_at=now - timedelta(hours=8), made_at=now, words=site.name,
            made_by=User.objects.get(username="bo"), content={"sites": [site.code], "sections": []}, sha256="0" * 64,
        )  # fmt: skip
        found.sites.add(site)
    return found.pk


def backtest(site: Site) -> int:
    """A back-test of the site that waits; made when it is first asked for."""
    person = User.objects.get(username="bo")
    found, _ = Backtest.objects.get_or_create(
        site=site, state="waiting",
        defaults={
            "request_id": uuid.uuid4(), "asked_by": person, "asked_at": timezone.now(), "source": site.name,
            "begin_local": timezone.now(), "policies": ["merit"], "inputs": b"", "steps": 24,
            "results": {"merit": {"months": [{"month": "2026-11", "usd": 1.0, "mwh": {"mining": 1.0}}]}},
        },
    )  # fmt: skip
    return found.pk


OF_NO_SITE = {
    "api-root": "/api/v1/",
    "api-schema": "/api/v1/schema/",
    "api-me": "/api/v1/me/",
    "api-tokens": "/api/v1/tokens/",
    "api-latest": "/api/v1/latest/",
    "api-sites": "/api/v1/sites/",
    "api-containers": "/api/v1/containers/",
    "api-devices": "/api/v1/devices/",
    "api-network": "/api/v1/network/",
    "api-protocols": "/api/v1/protocols/",
    "api-pools": "/api/v1/pools/",
    "api-orders": "/api/v1/commands/",
    "api-holds": "/api/v1/holds/",
    "api-plans": "/api/v1/plans/",
    "api-decisions": "/api/v1/decisions/",
    "api-hindsight-months": "/api/v1/hindsight/months/",
    "api-alerts": "/api/v1/alerts/",
    "api-backtests": "/api/v1/backtests/",
    "api-series": "/api/v1/series/?scope=fleet&metrics=hashrate_ths",
    "api-events": "/api/v1/events/?scope=fleet&range=30d",
    "api-handovers": "/api/v1/handovers/",
    "api-views": "/api/v1/views/",
}
OF_A_SITE: dict[str, Addresses] = {
    "api-site": lambda site: f"/api/v1/sites/{site.code}/",
    "api-site-map": lambda site: f"/api/v1/sites/{site.code}/map/",
    "api-site-latest": lambda site: f"/api/v1/sites/{site.code}/latest/",
    "api-site-containers": lambda site: f"/api/v1/sites/{site.code}/containers/",
    "api-agreements": lambda site: f"/api/v1/sites/{site.code}/agreements/",
    "api-outages": lambda site: f"/api/v1/sites/{site.code}/outages/",
    "api-gpu-contracts": lambda site: f"/api/v1/sites/{site.code}/gpu-contracts/",
    "api-calls": lambda site: f"/api/v1/sites/{site.code}/calls/",
    "api-settings": lambda site: f"/api/v1/sites/{site.code}/settings/",
    "api-spot-demand": lambda site: f"/api/v1/sites/{site.code}/spot-demand/",
    "api-container": lambda site: f"/api/v1/containers/{container(site)}/",
    "api-cells": lambda site: f"/api/v1/containers/{container(site)}/cells/",
    "api-device": lambda site: f"/api/v1/devices/{device(site)}/",
    "api-reading": lambda site: f"/api/v1/devices/{device(site)}/reading/",
    "api-order": lambda site: f"/api/v1/commands/{order(site)}/",
    "api-order-machines": lambda site: f"/api/v1/commands/{order(site)}/machines/",
    "api-decision": lambda site: f"/api/v1/decisions/{decision(site)}/",
    "api-alert": lambda site: f"/api/v1/alerts/{alert(site)}/",
    "api-backtest": lambda site: f"/api/v1/backtests/{backtest(site)}/",
    "api-hindsight-days": lambda site: f"/api/v1/hindsight/days/?site={site.code}",
    "api-backtest-months": lambda site: f"/api/v1/backtests/{backtest(site)}/months/",
    "api-series": lambda site: f"/api/v1/series/?scope=site&metrics=power_w&id={site.code}",
    "api-series of a container": lambda site: f"/api/v1/series/?scope=container&metrics=power_w&id={container(site)}",
    "api-handover": lambda site: f"/api/v1/handovers/{handover(site)}/",
    "api-events of a site": lambda site: f"/api/v1/events/?scope=site&id={site.code}",
    "api-events of a container": lambda site: f"/api/v1/events/?scope=container&id={container(site)}",
    "api-events of a device": lambda site: f"/api/v1/events/?scope=device&id={device(site)}",
    "api-series of a device": lambda site: f"/api/v1/series/?scope=device&metrics=power_w&id={device(site)}",
}
# Addresses that the generated tests cannot ask, each with tests of its own.
ELSEWHERE = {
    **dict.fromkeys(
        ("api-order-approve", "api-order-refuse", "api-order-stop"), "tests/compute/commands/test_orders_api.py"
    ),
    **dict.fromkeys(
        ("api-decision-approve", "api-decision-refuse", "api-decision-hold"), "tests/compute/decisions/test_pages.py"
    ),
    "api-alert-acknowledge": "tests/web/alerts/test_api.py",
    "api-call-withdraw": "tests/sites/web/test_calls.py",
    "api-notes": "tests/web/events/test_events.py",
    "api-view": "tests/web/saved/test_saved.py",
    "api-handover-confirm": "tests/web/handover/test_handovers.py",
    "api-backtest-stop": "tests/compute/replays/test_pages.py",
    "api-people": "tests/sites/web/test_people_pages.py",
    "api-token": "tests/sites/test_token_authentication.py",
    "api-docs": "tests/web/test_api_root.py",
    "api-treasury": "tests/treasury/web/test_api.py",
    "api-treasury-balances": "tests/treasury/web/test_api.py",
    "api-treasury-rollforward": "tests/treasury/web/test_api.py",
    "api-reports": "tests/treasury/web/test_reports.py",
    "api-report": "tests/treasury/web/test_reports.py",
    "api-report-entries": "tests/treasury/web/test_entries.py",
    "api-report-prices": "tests/treasury/closing/test_prices.py",
    "api-restatements": "tests/treasury/reports/test_restating.py",
    **dict.fromkeys(("api-report-reads", "api-releases"), "tests/treasury/reports/test_release_pages.py"),
    **dict.fromkeys(
        ("api-treasury-value", "api-treasury-shares", "api-treasury-costs", "api-treasury-ai", "api-treasury-stress"),
        "tests/treasury/web/test_value_pages.py",
    ),
    **dict.fromkeys(
        ("api-proposals", "api-proposal", "api-addresses", "api-treasury-policy", "api-loan-interest"),
        "tests/treasury/proposals/test_pages.py",
    ),
    **dict.fromkeys(("api-loans", "api-loan-events"), "tests/treasury/loans/test_written.py"),
    "api-embargo": "tests/treasury/proposals/test_embargo_pages.py",
    **dict.fromkeys(
        ("api-production", "api-payouts", "api-breaks", "api-wallets"),
        "tests/treasury/web/test_production_and_wallets.py",
    ),
}


def names() -> set[str]:
    """The names of all routes under /api/ that the console really has."""
    return {pattern.name for pattern in under_api(get_resolver().url_patterns, "") if pattern.name}


def under_api(patterns: list, before: str) -> Iterator[URLPattern]:
    for pattern in patterns:
        address = before + str(pattern.pattern).lstrip("^")
        if isinstance(pattern, URLPattern):
            if address.startswith("api/"):
                yield pattern
        else:
            yield from under_api(pattern.url_patterns, address)
