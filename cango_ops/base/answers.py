"""What every endpoint of the API shares: strict parameters, ETags, limits before rights."""

import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from django.utils.cache import get_conditional_response, patch_vary_headers
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cango_ops.base.models import User
from cango_ops.base.problems import BadParameter


class Instant(serializers.DateTimeField):
    """An instant, always written in UTC with a Z, whatever zone the request runs in."""

    def __init__(self, **options: Any) -> None:
        super().__init__(default_timezone=UTC, **options)

    def enforce_timezone(self, value: datetime) -> datetime:
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Answers(APIView):
    """The base of every endpoint.

    parameters: query parameters that the endpoint takes beside those of its filter and its pages; any other is
    refused by name, because a misspelt filter that is ignored answers with more than was asked for.
    """

    parameters: Iterable[str] = ()
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.refuse_unknown_parameters(request)

    def check_permissions(self, request: Request) -> None:
        """Limits come first, so that those who are refused are counted too."""
        super().check_throttles(request)
        super().check_permissions(request)

    def check_throttles(self, request: Request) -> None:
        """Counted already, with the permissions."""

    def known_parameters(self) -> set[str]:
        known = {*self.parameters, "format"}
        if filterset := getattr(self, "filterset_class", None):
            known |= set(filterset.base_filters)
        if getattr(self, "pagination_class", None) and getattr(self, "orderings", None):
            known |= {"limit", "ordering", "cursor"}
        return known

    def refuse_unknown_parameters(self, request: Request) -> None:
        known = self.known_parameters()
        for name, values in request.query_params.lists():
            if name not in known:
                raise BadParameter(name, f"is not known here; this address takes {', '.join(sorted(known))}.")
            if len(values) > 1:
                raise BadParameter(name, "is given more than once.")
            if not values[0]:
                raise BadParameter(name, "is empty.")
            if "\x00" in values[0]:
                raise BadParameter(name, "holds a NUL byte.")

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        final = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(final, ["Authorization", "Cookie", "Accept"])
        final.headers.setdefault("Cache-Control", "private, no-cache")
        if request.method in {"GET", "HEAD"} and final.status_code == 200 and isinstance(final, Response):
            final.add_post_render_callback(conditional(request))
        return final


def person(request: Request | HttpRequest) -> User:
    """Who asks, at an address that lets nobody in without a sign-in."""
    if not isinstance(request.user, User):
        raise exceptions.NotAuthenticated
    return request.user


def conditional(request: Request) -> Callable[[Response], Any]:
    """Puts the digest of the answer into its ETag, and turns it into 304 where the caller holds it already.

    The digest is of the content, since a state may turn stale without anything being written.
    """

    def tag(response: Response) -> Any:
        etag = f'"{hashlib.blake2b(response.content, digest_size=12).hexdigest()}"'
        response["ETag"] = etag
        return get_conditional_response(request._request, etag=etag, response=response)

    return tag
