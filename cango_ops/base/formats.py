"""The formats of answers: JSON, CSV beside it, and how a caller chooses between them; and of what is sent: JSON."""

from typing import Any

import msgspec
from rest_framework import exceptions, renderers
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import JSONParser

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


class SentJson(JSONParser):
    """DRF's reader of JSON, with brackets in brackets without end refused like other nonsense."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise exceptions.ParseError("JSON parse error - nested too deeply") from None


class Negotiation(DefaultContentNegotiation):
    """DRF's negotiation, with an unknown ?format= answered by 400 instead of 404."""

    def filter_renderers(self, offered: Any, wanted: str) -> Any:
        fitting = [renderer for renderer in offered if renderer.format == wanted]
        if not fitting:
            names = ", ".join(dict.fromkeys(str(renderer.format) for renderer in offered))
            raise BadParameter("format", f"expected one of {names}.")
        return fitting
