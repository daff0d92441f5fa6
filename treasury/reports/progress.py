"""How far the making of a report is: the months gathered, then the documents set. Pure."""

from collections.abc import Callable
from typing import Final

from treasury.reports.compose import MONTHS_CHARTED

# Seven in English, and the five that hold words in three more languages.
DOCUMENTS: Final = 7 + 3 * 5
STEPS: Final = MONTHS_CHARTED + DOCUMENTS

# (steps done, steps in all, what is being done)
Progress = Callable[[int, int, str], None]


def untold(done: int, total: int, step: str) -> None:
    """For who does not want to know."""


def gathering(progress: Progress, place: int, month: str) -> None:
    progress(place, STEPS, f"gathers {month}")


def setting(progress: Progress, place: int, name: str) -> None:
    progress(MONTHS_CHARTED + place, STEPS, f"sets {name}")
