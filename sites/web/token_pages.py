"""The page of one's own tokens: issue one, see its key once, revoke it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, re_path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from cango_ops.base.answers import person
from cango_ops.base.crumbs import COMPANY, Crumb
from cango_ops.base.models import User
from sites import api_tokens
from sites.models import ApiToken, Site

LIFETIMES = [(7, "A week"), (30, "30 days"), (90, "90 days"), (365, "A year")]


class TokenForm(forms.Form):
    """What a new token may do, where, and for how long."""

    name = forms.CharField(max_length=100, help_text="What uses it: you will know it by this name.")
    scopes = forms.MultipleChoiceField(
        choices=ApiToken.Scope.choices, widget=forms.CheckboxSelectMultiple, initial=[ApiToken.Scope.READ]
    )
    all_sites = forms.BooleanField(required=False, label="All sites that I see, later ones too")
    sites = forms.ModelMultipleChoiceField(
        Site.objects.none(), required=False, to_field_name="code", widget=forms.CheckboxSelectMultiple
    )
    days = forms.TypedChoiceField(choices=LIFETIMES, coerce=int, initial=90, label="Expires after")

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["sites"].queryset = Site.objects.visible_to(user)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("all_sites") and not cleaned.get("sites"):
            self.add_error("sites", "Name at least one site, or ask for all of yours.")
        return cleaned


@dataclass(frozen=True)
class TokensPage:
    """What the page shows. key: that of the token just issued, this once."""

    tokens: list[ApiToken]
    form: TokenForm
    key: str = ""
    title: str = "Your API tokens"
    crumbs: tuple[Crumb, ...] = (COMPANY, Crumb("API tokens", "/account/tokens/"))


@never_cache
@login_required
@reauthentication_required(allow_get=True)
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """Lists the reader's tokens; a POST issues one and shows its key."""
    reader = person(request)
    form = TokenForm(request.POST or None, user=reader)
    key = issued(reader, form) if form.is_valid() else ""
    fresh = TokenForm(user=reader) if key else form
    page = TokensPage(list(api_tokens.owned_by(reader)), fresh, key)
    return render(request, "sites/tokens.html", {"page": page}, status=400 if form.errors else 200)


def issued(user: User, form: TokenForm) -> str:
    """The key of the token that the form asks for, or nothing and the reason in the form."""
    wish, now = form.cleaned_data, timezone.now()
    try:
        return api_tokens.issue(
            user, name=wish["name"], scopes=wish["scopes"], sites=None if wish["all_sites"] else wish["sites"],
            expires_at=now + timedelta(days=wish["days"]), now=now,
        ).key  # fmt: skip
    except api_tokens.TokenRefused as refusal:
        form.add_error(refusal.parameter if refusal.parameter in form.fields else None, str(refusal))
        return ""


@login_required
@require_POST
def revoke(request: HttpRequest, prefix: str) -> HttpResponse:
    """Ends a token at once; asks for no second sign-in, so that a leak can be stopped in a second."""
    if not api_tokens.revoke(person(request), prefix, timezone.now()):
        raise Http404
    messages.success(request, f"Token cango_{prefix} is revoked.")
    return redirect("account-tokens")


urlpatterns = [
    path("", tokens, name="account-tokens"),
    re_path(r"^(?P<prefix>[0-9A-Za-z]{12})/revoke/$", revoke, name="account-token-revoke"),
]
