"""Paging by key: each page starts after the last row of the one before, so page 3,000 costs what page 1 costs.

The cursor is signed, so a made-up one is refused before it comes near a query. Every ordering ends in the primary
key, therefore equal values never lose or repeat a row (a cursor with an offset does, from a thousand equals on).
"""

from typing import Any, Final

from django.core import signing
from django.db.models import Model, Q, QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from cango_ops.base.problems import BadParameter

signer = signing.Signer(salt="cango_ops.base.keyset")

DEFAULT_LIMIT: Final = 100
HIGHEST_LIMIT: Final = 1000


class Keyset(BasePagination):
    """`limit`, `ordering` and `cursor` of a list.

    The view says `orderings`, public name -> field that is never null, and the first of them is the default.
    """

    def paginate_queryset(self, queryset: Any, request: Request, view: Any | None = None) -> list[Any]:
        self.request = request
        limit = self._limit(request)
        name = self._ordering(request, view)
        field = orderings_of(view)[name.removeprefix("-")]
        rows = list(self._after(queryset, request, name, field)[: limit + 1])
        self.next_url = self._next_url(rows[limit - 1], name, field) if len(rows) > limit else None
        return rows[:limit]

    def get_paginated_response(self, data: Any) -> Response:
        headers = {"Link": f'<{self.next_url}>; rel="next"'} if self.next_url else {}
        return Response({"next": self.next_url, "results": data}, headers=headers)

    def _limit(self, request: Request) -> int:
        text = request.query_params.get("limit", str(DEFAULT_LIMIT))
        if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= HIGHEST_LIMIT):
            raise BadParameter("limit", f"expected a whole number from 1 to {HIGHEST_LIMIT}.")
        return int(text)

    def _ordering(self, request: Request, view: Any | None) -> str:
        names = orderings_of(view)
        name = request.query_params.get("ordering", next(iter(names)))
        if name.removeprefix("-") not in names or name.startswith("--"):
            raise BadParameter("ordering", f"expected one of {', '.join(names)}, with - in front for descending.")
        return name

    def _after(self, queryset: QuerySet[Any], request: Request, name: str, field: str) -> QuerySet[Any]:
        minus = "-" if name.startswith("-") else ""
        ordered = queryset.order_by(*dict.fromkeys([minus + field, minus + "pk"]))
        cursor = request.query_params.get("cursor")
        return ordered.filter(self._beyond(cursor, name, field)) if cursor is not None else ordered

    def _beyond(self, cursor: str, name: str, field: str) -> Q:
        try:
            made_for, value, pk = signer.unsign_object(cursor)
        except (signing.BadSignature, ValueError, TypeError) as error:
            raise BadParameter("cursor", "is not one that this API gave out; start again without it.") from error
        if made_for != name:
            raise BadParameter("cursor", f"belongs to ordering={made_for}; start again without it.")
        side = "lt" if name.startswith("-") else "gt"
        return Q(**{f"{field}__{side}": value}) | Q(**{field: value, f"pk__{side}": pk})

    def _next_url(self, last: Model, name: str, field: str) -> str:
        cursor = signer.sign_object([name, value_of(last, field), last.pk])
        return replace_query_param(self.request.get_full_path(), "cursor", cursor)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        names = [sign + name for name in orderings_of(view) for sign in ("", "-")]
        limit = {"type": "integer", "minimum": 1, "maximum": HIGHEST_LIMIT, "default": DEFAULT_LIMIT}
        return [
            _parameter("limit", "Rows of one page.", limit),
            _parameter("ordering", "What the rows are sorted by.", {"type": "string", "enum": names}),
            _parameter("cursor", "Where to go on: taken from `next` of the page before.", {"type": "string"}),
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        follow = {"type": ["string", "null"], "description": "Address of the following page, null on the last."}
        return {"type": "object", "required": ["next", "results"], "properties": {"next": follow, "results": schema}}


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def orderings_of(view: Any | None) -> dict[str, str]:
    return getattr(view, "orderings", None) or {"id": "pk"}


def value_of(row: Any, field: str) -> Any:
    """The value of a field over relations: value_of(device, "site__code")."""
    for name in field.split("__"):
        row = getattr(row, name)
    return row
