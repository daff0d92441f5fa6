"""The formats of answers: JSON, CSV beside it, and how a caller chooses between them."""

from typing import Any

import msgspec
from rest_framework import renderers
from rest_framework.negotiation import DefaultContentNegotiation

from cango_ops.base.export import csv_of_records
from cango_ops.base.problems import BadParameter


class Json(renderers.BaseRenderer):
    """JSON; instants in UTC with a Z, and a number that is not finite as null, for JSON knows none."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None else msgspec.json.encode(data, enc_hook=str)


class Csv(renderers.BaseRenderer):
    """Records as CSV with safe cells; the nested ones flattened. A page's `next` stands in the Link header."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> str:
        records = data["results"] if isinstance(data, dict) and "results" in data else data
        return "".join(csv_of_records(records if isinstance(records, list) else [records]))


class Negotiation(DefaultContentNegotiation):
    """DRF's negotiation, with an unknown ?format= answered by 400 instead of 404."""

    def filter_renderers(self, offered: Any, wanted: str) -> Any:
        fitting = [renderer for renderer in offered if renderer.format == wanted]
        if not fitting:
            names = ", ".join(dict.fromkeys(str(renderer.format) for renderer in offered))
            raise BadParameter("format", f"expected one of {names}.")
        return fitting
