"""One line of a handover. Pure."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Row:
    """state: one of the six, or empty. who: has it, placed it, did it."""

    at: datetime
    place: str
    words: str
    who: str
    state: str
    url: str

    def said(self) -> dict[str, str]:
        """As plain JSON."""
        return {
            "at": self.at.isoformat(), "place": self.place, "words": self.words, "who": self.who, "state": self.state,
            "url": self.url,
        }  # fmt: skip

    @classmethod
    def of(cls, said: dict[str, str]) -> "Row":
        return cls(**said | {"at": datetime.fromisoformat(said["at"])})  # type: ignore[arg-type]
