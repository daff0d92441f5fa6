"""Template tags of every page: numbers with their unit, states, times with their zone, charts. Formatting only."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import template
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from cango_ops.base import drawing, figures
from cango_ops.base.chart import MARKED, Chart
from cango_ops.base.icons import ICONS
from cango_ops.base.page_span import zone_span
from cango_ops.base.timespan import PRESETS, Span, iso

register = template.Library()

NOTHING = mark_safe('<span class="fig none" title="not known">–<span class="sr"> not known</span></span>')


@register.simple_tag
def figure(value: float | None, kind: str, digits: int = 3, unit: str | None = None) -> SafeString:
    """A number strong, its unit small and quiet, everything known on hover. `kind`: see figures.LADDERS."""
    shown = figures.figure(value, kind, digits, unit)
    if shown.full == figures.NOT_KNOWN:
        return NOTHING
    return measured(shown.text, shown.unit, shown.full)


def measured(text: str, unit: str, full: str) -> SafeString:
    """The number strong, a dollar before it as strong, the unit behind it small and quiet; `full` on hover."""
    before, after = figures.around(text, unit)
    number = f"{before}{text.lstrip(figures.SIGNS)}" if before else text
    if not after:
        return format_html('<span class="fig" title="{}">{}</span>', full, number)
    gap = " " if after.startswith(" ") else ""
    return format_html(
        '<span class="fig" title="{}">{}{}<span class="unit">{}</span></span>', full, number, gap, after.strip()
    )


@register.simple_tag
def exact(value: float | Decimal | str | None, places: int = 2, unit: str = "", *, signed: bool = False) -> SafeString:
    """A number with so many decimals, for columns that are compared line by line.  signed: with its plus.

    Text is a decimal as records keep it; what a template does not find is not known either.
    """
    if value is None or value == "":
        return NOTHING
    number = Decimal(value) if isinstance(value, str) else value
    text = figures.grouped(number, places)
    if signed and not text.startswith(figures.MINUS) and text.strip("0.,"):
        text = f"+{text}"
    return measured(text, unit, figures.with_unit(figures.full(number), unit))


@register.simple_tag
def number(value: float | None, kind: str, unit: str | None = None, digits: int = 3) -> SafeString:
    """The number alone, for a column whose head names the unit."""
    shown = figures.figure(value, kind, digits, unit)
    if shown.full == figures.NOT_KNOWN:
        return NOTHING
    return format_html('<span class="fig" title="{}">{}</span>', shown.full, shown.text)


@register.simple_tag
def state_mark(state: str) -> SafeString:
    """Shape and, for those who do not see it, the word."""
    return format_html('{}<span class="sr">{}</span>', drawing.mark(state), drawing.WORDS.get(state, "unknown"))


@register.simple_tag
def state_word(state: str, reason: str = "") -> SafeString:
    """Shape, word, and after it the reason where one is given."""
    word = drawing.WORDS.get(state, "unknown")
    tail = format_html(' <span class="why">{}</span>', reason) if reason else ""
    return format_html('<span class="state is-{}">{} {}</span>{}', word, drawing.mark(word), word, tail)


@register.simple_tag(takes_context=True)
def clock(context: dict[str, Any], moment: datetime | None, style: str = "auto") -> SafeString:
    """An instant in the page's zone, with the zone: "12:03:10 UTC", on another day "20 Nov 12:03 UTC", in another year
    "20 Nov 2025 12:03 UTC".

    style: auto, day (always with the date), bare (time of day without zone, for columns whose head names it).
    """
    if moment is None:
        return mark_safe('<span class="none">never</span>')
    local = moment.astimezone(zone_of(context))
    today = datetime.now(local.tzinfo).date()
    shows_day = style == "day" or (style == "auto" and local.date() != today)
    day = "%-d %b" if local.year == today.year else "%-d %b %Y"
    text = local.strftime(f"{day} %H:%M" if shows_day else "%H:%M:%S")
    label = "" if style == "bare" else f" {local.tzname()}"
    return format_html('<time datetime="{}" title="{}">{}{}</time>', iso(moment), iso(moment), text, label)


@register.simple_tag
def age(moment: datetime | None, stale_after_s: int = 0) -> SafeString:
    """How long ago, counted on by time.js; beyond `stale_after_s` the browser itself says stale."""
    if moment is None:
        return mark_safe('<span class="none">never</span>')
    seconds = (datetime.now(UTC) - moment).total_seconds()
    limit = format_html(' data-stale-after-s="{}"', stale_after_s) if stale_after_s else ""
    return format_html(
        '<time class="age" datetime="{0}" title="{0}" data-age{1}>{2}</time>', iso(moment), limit, figures.age(seconds)
    )


@register.simple_tag
def duration(seconds: float | None) -> SafeString:
    """A length of time in its two largest units."""
    return NOTHING if seconds is None else format_html('<span class="fig">{}</span>', figures.duration(seconds))


@register.simple_tag
def sparkline(values: list[float | None] | None, name: str = "") -> SafeString:
    """The line of a day as SVG; gaps stay gaps."""
    return drawing.sparkline(values or [], name=name)


@register.simple_tag
def bar(ratio: float | None, state: str = "ok", name: str = "") -> SafeString:
    """What runs of what could."""
    return drawing.bar(ratio, state, name)


@register.simple_tag
def stack(parts: list[tuple[str, float]], name: str = "") -> SafeString:
    """Megawatts by use, side by side."""
    return drawing.stack(parts, name)


@register.simple_tag
def uses_said(parts: list[tuple[str, float]]) -> str:
    """The same in words."""
    return ", ".join(f"{use} {figures.significant(amount, 3)} MW" for use, amount in parts) or "not known"


@register.simple_tag
def change(megawatts: float) -> SafeString:
    """A change of load with its sign."""
    shown = figures.figure(megawatts * 1e6, "w", 2)
    sign = "" if megawatts < 0 else "+"
    return format_html('<span class="fig">{}{} {}</span>', sign, shown.text, shown.unit)


@register.simple_tag
def icon(name: str) -> SafeString:
    """A line drawing of 20 px, hidden from readers of the text."""
    return ICONS[name]


@register.simple_tag(takes_context=True)
def carry(context: dict[str, Any]) -> str:
    """`?range=7d&zone=site` where the address said so: put it behind a link to keep the time control's choice."""
    span = span_of(context)
    return f"?{span.query}" if span and span.query else ""


@register.inclusion_tag("parts/chart.html", takes_context=True)
def chart(context: dict[str, Any], chart: Chart) -> dict[str, Any]:
    """A live chart with its legend, its note and its table twin; needs `span` in the context."""
    span: Span = context["span"]
    return {
        "chart": chart,
        "span": span,
        "series_url": chart.series_url(span.resolution_s),
        "start": iso(span.start),
        "end": iso(span.end),
        "length_s": int((span.end - span.start).total_seconds()),
    }


@register.inclusion_tag("parts/events.html", takes_context=True)
def events(context: dict[str, Any], charts: Sequence[Chart]) -> dict[str, Any]:
    """Under the charts of a page, once: the list of what happened there, which the charts take their marks from.

    charts: of one place, all of them. `?events=off` leaves it out.
    """
    if not charts:
        return {}
    span, asked, one = context["span"], context["request"].GET, charts[0]
    here = urlencode({"scope": one.scope} | ({"id": one.of} if one.of else {}), safe="/")
    return {
        "charts": charts,
        "is_on": asked.get("events") != "off",
        "on_url": same_page(asked, "events", ""),
        "off_url": same_page(asked, "events", "off"),
        "url": f"/events/list/?{here}{'&' if span.query else ''}{span.query}",
        "topics": f"{one.topic} {MARKED}",
    }


def same_page(asked: QueryDict, key: str, value: str) -> str:
    """This page's parameters with one changed, or without it."""
    params = asked.copy()
    params.pop(key, None)
    if value:
        params[key] = value
    return "?" + params.urlencode(safe=":")


@register.inclusion_tag("parts/time_control.html", takes_context=True)
def time_control(context: dict[str, Any]) -> dict[str, Any]:
    """Ranges and zones as links to this same page; needs `span` and `request` in the context.

    `only_zone` in the context, or a view that gave no span: the page shows nothing over time, so only the zone is
    offered.
    """
    span, asked = context["span"], context["request"].GET
    only_zone = context.get("only_zone", False) or span is getattr(context["request"], "zone_asked", None)
    return {
        "span": span,
        "only_zone": only_zone,
        "ranges": [(name, name == span.preset, link(asked, {"range": name})) for name in PRESETS],
        "zones": [choice for choice in zones(span, asked) if choice],
        "earlier": link(asked, span.moved(-0.5)),
        "later": link(asked, span.moved(0.5)),
        "wider": link(asked, span.wider()),
        "start_local": span.start.astimezone(span.zone).strftime("%Y-%m-%dT%H:%M"),
        "end_local": span.end.astimezone(span.zone).strftime("%Y-%m-%dT%H:%M"),
        "kept": [(key, value) for key, value in asked.items() if key not in ("range", "from", "to")],
    }


def zones(span: Span, asked: QueryDict) -> list[tuple[str, str, bool, str] | None]:
    """Each zone of the control as (word, full name, chosen, link); the site's only where there is one."""
    offered = [("utc", "UTC", "UTC"), ("mine", "Mine", span.my_zone.key)]
    if span.site_zone:
        offered.append(("site", "Site", span.site_zone.key))
    return [(word, name, kind == span.zone_kind, link(asked, {"zone": kind})) for kind, word, name in offered]


def link(asked: QueryDict, changed: dict[str, str]) -> str:
    """This page's parameters with some changed; a new range drops the old one."""
    params = asked.copy()
    if "zone" not in changed:
        for key in ("range", "from", "to"):
            params.pop(key, None)
    for key, value in changed.items():
        params[key] = value
    return "?" + params.urlencode(safe=":")


@register.simple_tag(takes_context=True)
def span_of(context: dict[str, Any]) -> Span | None:
    """The page's `span`; where its view gave none, the zone that the address asks for, on a site's pages the site's."""
    given: Span | None = context.get("span")
    request = context.get("request")
    if given or request is None:
        return given
    kept: Span | None = getattr(request, "zone_asked", None)
    if kept is None:
        kept = request.zone_asked = zone_span(
            request, getattr(getattr(context.get("page"), "site", None), "time_zone", None)
        )
    return kept


def zone_of(context: dict[str, Any]) -> Any:
    span = span_of(context)
    return span.zone if span else UTC
