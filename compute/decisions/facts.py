"""What a plan was made from, said so that a person can doubt it: value, source, age, and what is done without. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

OK: Final = "ok"
WARNING: Final = "warning"
STALE: Final = "stale"
UNKNOWN: Final = "unknown"


@dataclass(frozen=True)
class Fact:
    """One input. state: ok, warning (used with doubt), stale or unknown (not used).   words: what is done then."""

    name: str
    value: str
    source: str = ""
    observed_at: datetime | None = None
    state: str = OK
    words: str = ""

    def as_json(self, now: datetime) -> dict[str, Any]:
        age = None if self.observed_at is None else max(0, round((now - self.observed_at).total_seconds()))
        return {
            "name": self.name, "value": self.value, "source": self.source, "age_s": age, "state": self.state,
            "words": self.words,
        }  # fmt: skip
