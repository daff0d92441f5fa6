"""The search page, and the list of its dialog."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cango_ops.web.search.finding import Found, find, is_cut
from cango_ops.web.search.pages import pages


def search(request: HttpRequest) -> HttpResponse:
    typed = request.GET.get("q", "").replace("\0", "").strip()
    found = [*find(request.user, typed), *pages(request, typed)]
    template = "search/_found.html" if getattr(request, "htmx", False) else "search/search.html"
    title = titled(typed[:40], found) if typed else "Search"
    return render(request, template, {"page": {"title": title}, "found": found, "typed": typed})


def titled(typed: str, found: list[Found]) -> str:
    return f"The first {len(found)} found for {typed}" if is_cut(found) else f"{len(found)} found for {typed}"
