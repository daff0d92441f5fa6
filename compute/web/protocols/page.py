"""What the page of languages shows: how the machines that one may see answer, language by language, over a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count

from cango_ops.base import clock, crumbs
from compute.models import Device, LanguageHour
from compute.protocols import ADAPTERS
from compute.protocols.answer_times import BUCKETS, quantile_ms

SPAN: Final = timedelta(hours=24)
OK_RATIO: Final = 0.99
WARNING_RATIO: Final = 0.9


@dataclass(frozen=True)
class Language:
    """One language. Times are of answered polls alone. state: by the part of the questions that was answered."""

    name: str
    port: int | None
    machines: int
    asked: int
    answered: int
    median_ms: float | None
    p99_ms: float | None
    failure: str
    failed_at: datetime | None

    @property
    def success_pct(self) -> float | None:
        return 100 * self.answered / self.asked if self.asked else None

    @property
    def state(self) -> str:
        if not self.asked:
            return "unknown"
        ratio = self.answered / self.asked
        return "ok" if ratio >= OK_RATIO else "warning" if ratio >= WARNING_RATIO else "critical"


@dataclass(frozen=True)
class ProtocolsPage:
    """The page. The worst language stands first."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    languages: tuple[Language, ...]
    as_of: datetime


def protocols_page(site_ids: Sequence[int]) -> ProtocolsPage:
    found = sorted(
        languages(site_ids), key=lambda one: (one.asked == 0, one.success_pct or 0.0, -one.machines, one.name)
    )
    trail = (crumbs.COMPANY, crumbs.Crumb("System", "/system/"), crumbs.Crumb("Languages", "/compute/protocols/"))
    return ProtocolsPage(answer(found), trail, tuple(found), clock.now())


def languages(site_ids: Sequence[int]) -> list[Language]:
    """Every language that a machine of these sites speaks, or spoke within SPAN. Two queries, however many machines."""
    spoken = Device.objects.filter(site__in=site_ids).values("language").annotate(machines=Count("pk"))
    machines = {row["language"]: row["machines"] for row in spoken}
    hours = LanguageHour.objects.filter(site__in=site_ids, hour_at__gt=clock.now() - SPAN)
    told: dict[str, list[LanguageHour]] = {}
    for row in hours:
        told.setdefault(row.language, []).append(row)
    return [language(name, machines.get(name, 0), told.get(name, [])) for name in sorted({*machines, *told})]


def language(name: str, machines: int, hours: Sequence[LanguageHour]) -> Language:
    histogram = [sum(places) for places in zip(*(hour.histogram for hour in hours), strict=True)] or [0] * BUCKETS
    last = max(
        (hour for hour in hours if hour.failed_at), key=lambda hour: hour.failed_at or hour.hour_at, default=None
    )
    adapter = ADAPTERS.get(name)
    return Language(
        name=name,
        port=adapter.port if adapter else None,
        machines=machines,
        asked=sum(hour.asked for hour in hours),
        answered=sum(hour.answered for hour in hours),
        median_ms=quantile_ms(histogram, 0.5),
        p99_ms=quantile_ms(histogram, 0.99),
        failure=last.failure if last else "",
        failed_at=last.failed_at if last else None,
    )


def answer(found: Sequence[Language]) -> str:
    """Which language answers badly, or that all answer."""
    bad = [one for one in found if one.state in ("warning", "critical")]
    heard = [one for one in found if one.asked]
    if bad:
        worst = bad[0]
        others = f"; {len(bad) - 1} more below {100 * OK_RATIO:.0f} %" if len(bad) > 1 else ""
        return f"{worst.name} answers {worst.success_pct:.1f} % of what it is asked{others}"
    if not heard:
        return "No machine has been asked within a day"
    return f"{'The one language' if len(heard) == 1 else f'All {len(heard)} languages'} in use answer"
