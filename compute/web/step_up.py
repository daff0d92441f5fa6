"""Proof again that it is you, before what takes two people: whoever finds an open browser moves no megawatts with it.

Source: OWASP ASVS 5.0, 7.5.3. A password or a passkey of the last five minutes is enough (ACCOUNT_REAUTHENTICATION_*).
"""

from typing import Final

from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

WORDS: Final = "Not done yet: it takes two people, so say again that it is you. Then approve."


def is_needed(request: HttpRequest, approvals_needed: int) -> bool:
    return approvals_needed > 1 and is_reauthentication_required(request, app="account")


def ask(request: HttpRequest, back: str) -> HttpResponse:
    """To the page that asks, and from there back to the one with the button."""
    messages.error(request, WORDS)
    url = f"{reverse('account_reauthenticate')}?{urlencode({'next': back})}"
    return HttpResponseClientRedirect(url) if getattr(request, "htmx", None) else redirect(url)
