"""Lets a program in by `Authorization: Bearer cango_...`, as its owner, with no more rights than its token has."""

from typing import Any

from django.utils import timezone
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from cango_ops.base.limits import one_more_wrong_key_is_too_many, rest_of_window_s
from cango_ops.base.models import User
from sites import api_tokens, rights
from sites.models import ApiToken


class TokenAuthentication(BaseAuthentication):
    """The key comes in the header and never in the address, where logs would keep it."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, key = get_authorization_header(request).strip().partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        token = self.token_of(request, key.strip().decode("ascii", "replace"))
        api_tokens.note_use(token, timezone.now())
        return limited(token), token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Cango Ops API"'

    def token_of(self, request: Request, key: str) -> ApiToken:
        token = api_tokens.find(key)
        reason = why_refused(token)
        if token is None or reason:
            if one_more_wrong_key_is_too_many(request):
                raise exceptions.Throttled(rest_of_window_s())
            raise exceptions.AuthenticationFailed(reason, "token_refused")
        return token


def why_refused(token: ApiToken | None) -> str:
    """Empty where the token opens the door. Only who holds the key learns more than that it is not valid."""
    if token is None or token.revoked_at is not None or not token.user.is_active:
        return "The token is unknown or was revoked."
    if token.expires_at <= timezone.now():
        return "The token has expired; issue a new one."
    return ""


def limited(token: ApiToken) -> User:
    """The owner, seen through the token: `visible_to` and `rights.may` heed what is put on the person here."""
    user = token.user
    user.token_rights = rights.of_scopes(token.scopes)
    user.token_site_ids = None if token.all_sites else frozenset(token.sites.values_list("pk", flat=True))
    return user


class ScopeAllows(BasePermission):
    """Reading asks a token for the scope "read", everything else for "write"; people need no scope."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.auth, ApiToken):
            return True
        needed = ApiToken.Scope.READ if request.method in SAFE_METHODS else ApiToken.Scope.WRITE
        self.message = f"The token lacks the scope {needed.value}."
        self.code = "scope_missing"
        return needed in request.auth.scopes
