"""What a live chart shows, said once for the page, the script and the table twin. Pure."""

import json
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

SERIES_URL: Final = "/api/v1/series/"
# Live topics that say that there may be more events, beside that of the place.
MARKED: Final = "alerts orders hold switching"


@dataclass(frozen=True)
class Line:
    """One line of a chart. kind: as in figures.LADDERS and FIXED. tone: a colour of tokens.css (use-mining, use-ai,
    ink, quiet, accent). dashed: a limit or a plan, not a measurement."""

    metric: str
    name: str
    kind: str
    tone: str = "ink"
    dashed: bool = False

    @property
    def tone_class(self) -> str:
        return self.tone if self.tone.startswith("use-") else f"tone-{self.tone}"


@dataclass(frozen=True)
class Chart:
    """scope, ids: whose series. topic: the live topic that says when there is more. Lines of a second kind get the
    right-hand axis. id: unique on the page."""

    id: str
    title: str
    scope: str
    lines: tuple[Line, ...]
    topic: str
    of: str = ""

    def series_url(self, resolution_s: int) -> str:
        metrics = ",".join(line.metric for line in self.lines)
        asked = {"scope": self.scope, "id": self.of, "metrics": metrics, "resolution_s": str(resolution_s)}
        return f"{SERIES_URL}?{urlencode({key: value for key, value in asked.items() if value}, safe=',/')}"

    @property
    def lines_json(self) -> str:
        return json.dumps([line.__dict__ for line in self.lines], separators=(",", ":"))
