"""The one time control: a range and a zone, read from the address of a page or of an API call.

`range=1h|6h|24h|7d|30d`, or `from=` and `to=` in ISO 8601 (without an offset they are in the zone chosen), and
`zone=utc|mine|site`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

PRESETS: Final[dict[str, timedelta]] = {
    "1h": timedelta(hours=1),
    "6h": timedelta(hours=6),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
DEFAULT: Final = "24h"
ZONES: Final = ("utc", "mine", "site")
KEYS: Final = ("range", "from", "to", "zone")
LONGEST: Final = timedelta(days=400)
EARLIEST: Final = datetime(2009, 1, 3, tzinfo=UTC)
AHEAD: Final = timedelta(days=3)
STEPS_S: Final = (60, 900, 3600, 86400)
POINTS: Final = 1500


class WrongSpan(ValueError):
    """The address asks for a time that cannot be shown; the text says what was expected."""


@dataclass(frozen=True)
class Span:
    """start, end: UTC. preset: its name, or None for from-to. zone_kind: one of ZONES. query: what the address
    said, in its shortest form, for links that keep the time."""

    start: datetime
    end: datetime
    preset: str | None
    zone_kind: str
    zone: ZoneInfo
    site_zone: ZoneInfo | None
    my_zone: ZoneInfo
    query: str = ""

    @property
    def is_moving(self) -> bool:
        """True where the end is now and moves on."""
        return self.preset is not None

    @property
    def resolution_s(self) -> int:
        """Seconds a point: the finest step that draws no more than POINTS of them."""
        length_s = (self.end - self.start).total_seconds()
        return next((step for step in STEPS_S if length_s / step <= POINTS), STEPS_S[-1])

    @property
    def zone_name(self) -> str:
        return self.zone.key

    @property
    def zone_label(self) -> str:
        """What stands behind a clock time: UTC, CST, +04 ..., as it was at the end of the span."""
        return self.end.astimezone(self.zone).tzname() or self.zone.key

    def moved(self, by: float) -> dict[str, str]:
        """The parameters of a span of the same length, later by so many lengths of itself."""
        shift = (self.end - self.start) * by
        return self.absolute(self.start + shift, self.end + shift)

    def wider(self) -> dict[str, str]:
        """The parameters of a span around this one and twice as long."""
        half = (self.end - self.start) / 2
        return self.absolute(self.start - half, self.end + half)

    @staticmethod
    def absolute(start: datetime, end: datetime) -> dict[str, str]:
        return {"from": iso(start), "to": iso(end)}


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse(params: Mapping[str, str], now: datetime, mine: str = "UTC", site: str | None = None) -> Span:
    """The span that the parameters ask for; raises WrongSpan.

    mine, site: IANA names. Without `zone` a page of a site speaks the site's time, any other the reader's.
    """
    my_zone, site_zone = ZoneInfo(mine), ZoneInfo(site) if site else None
    kind = params.get("zone") or ("site" if site_zone else "mine")
    if kind not in ZONES:
        raise WrongSpan(f"zone={kind} is not known: expected utc, mine or site.")
    if kind == "site" and site_zone is None:
        kind = "mine"
    zone = {"utc": ZoneInfo("UTC"), "mine": my_zone, "site": site_zone or my_zone}[kind]
    span = Span(now, now, None, kind, zone, site_zone, my_zone, query_of(params))
    if params.get("from") or params.get("to"):
        return between(span, params, now)
    return preset(span, params.get("range") or DEFAULT)


def preset(span: Span, name: str) -> Span:
    if name not in PRESETS:
        raise WrongSpan(f"range={name} is not known: expected one of {', '.join(PRESETS)}.")
    return replace(span, start=span.end - PRESETS[name], preset=name)


def between(span: Span, params: Mapping[str, str], now: datetime) -> Span:
    end = moment(params.get("to"), "to", span.zone) or now
    start = moment(params.get("from"), "from", span.zone) or end - PRESETS[DEFAULT]
    if start >= end:
        raise WrongSpan("from is not before to.")
    if end - start > LONGEST:
        raise WrongSpan(f"from and to are more than {LONGEST.days} days apart.")
    if start < EARLIEST or end > now + AHEAD:
        raise WrongSpan("from and to lie outside what can be shown.")
    return replace(span, start=start, end=end)


def moment(text: str | None, name: str, zone: ZoneInfo) -> datetime | None:
    if not text:
        return None
    try:
        parsed = datetime.fromisoformat(text)
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise WrongSpan(f"{name}={text[:40]} is no time such as 2026-03-08T14:30Z.") from error


def query_of(params: Mapping[str, str]) -> str:
    return urlencode({key: params[key] for key in KEYS if params.get(key)})
