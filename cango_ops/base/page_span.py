"""The span of a page: the time control's parameters and the reader's own zone."""

from datetime import UTC, datetime

from django.core.exceptions import BadRequest
from django.http import HttpRequest

from cango_ops.base.timespan import Span, WrongSpan, parse


def page_span(request: HttpRequest, site_zone: str | None = None) -> Span:
    """The span that the page's address asks for; a wrong one is a bad request that says what was expected.

    site_zone: the IANA name of the site's zone on the pages of a site.
    """
    mine = getattr(request.user, "time_zone", "UTC")
    try:
        return parse(request.GET.dict(), datetime.now(UTC), mine, site_zone)
    except WrongSpan as error:
        raise BadRequest(str(error)) from error
