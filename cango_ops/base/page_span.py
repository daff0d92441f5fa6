"""The span of a page: the time control's parameters and the reader's own zone."""

from datetime import UTC, datetime

from django.core.exceptions import BadRequest
from django.http import HttpRequest

from cango_ops.base.timespan import Span, WrongSpan, parse


def zone_span(request: HttpRequest, site_zone: str | None = None) -> Span:
    """The zone of a page that shows nothing over time, whatever else its address says."""
    return span_from(request, {key: request.GET[key] for key in ("zone",) if key in request.GET}, site_zone)


def page_span(request: HttpRequest, site_zone: str | None = None) -> Span:
    """The span that the page's address asks for; a wrong one is a bad request that says what was expected.

    site_zone: the IANA name of the site's zone on the pages of a site.
    """
    return span_from(request, request.GET.dict(), site_zone)


def span_from(request: HttpRequest, params: dict[str, str], site_zone: str | None) -> Span:
    mine = getattr(request.user, "time_zone", "UTC")
    try:
        return parse(params, datetime.now(UTC), mine, site_zone)
    except WrongSpan as error:
        raise BadRequest(str(error)) from error
