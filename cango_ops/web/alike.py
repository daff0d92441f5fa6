"""A whole page rendered once for all people to whom it is the same but for their name and their form token.

Only what this request has read of the database itself decides who is alike: rights are never kept from one request to
the next. A page with a message, a hold or a handover on it is one person's, and rendered for that person.
"""

import secrets
from collections.abc import Mapping
from typing import Any, Final

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.html import escape

from cango_ops.web.alerts.rows import calling
from cango_ops.web.navigation import look, rights_anywhere
from cango_ops.web.shared import shared
from cango_ops.web.theme import chosen

# What stands in the kept page in the place of a token and a name. Nobody can write them into a text: they are new with
# each process.
TOKEN: Final = f"token-{secrets.token_hex(16)}"
NAME: Final = f"name-{secrets.token_hex(16)}"


def for_all_alike(
    for_s: float, request: HttpRequest, template: str, context: Mapping[str, Any], *what: object
) -> HttpResponse:
    """The page of this template. what: everything of the context that may change within `for_s` seconds."""
    if is_personal(request):
        return render(request, template, dict(context))
    kept = shared(for_s, template, *alike(request), *what, make=lambda: blank(request, template, context))
    return HttpResponse(kept.replace(TOKEN, get_token(request)).replace(NAME, escape(str(request.user))))


def is_personal(request: HttpRequest) -> bool:
    seen = look(request)
    return seen.is_held or seen.is_handed_over or len(get_messages(request)) > 0 or not request.user.is_authenticated


def alike(request: HttpRequest) -> tuple[object, ...]:
    """All that the frame around a page takes from who asks, and from where."""
    seen, calls = look(request), calling(request)
    return (
        request.get_full_path(), sorted(map(repr, seen.memberships)), sorted(rights_anywhere(request)),
        chosen(request), getattr(request.user, "time_zone", ""), calls.count, calls.critical,
    )  # fmt: skip


def blank(request: HttpRequest, template: str, context: Mapping[str, Any]) -> str:
    return render_to_string(template, {**context, "csrf_token": TOKEN, "name_alone": NAME}, request)
