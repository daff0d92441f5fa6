"""The search page, and the list of its dialog."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cango_ops.web.search.finding import find


def search(request: HttpRequest) -> HttpResponse:
    typed = request.GET.get("q", "").replace("\0", "").strip()
    found = find(request.user, typed)
    template = "search/_found.html" if getattr(request, "htmx", False) else "search/search.html"
    title = f"{len(found)} found for {typed[:40]}" if typed else "Search"
    return render(request, template, {"page": {"title": title}, "found": found, "typed": typed})
