"""The standing texts of the demonstration. In a live report they are rows that a person wrote and another approved."""

import tomllib
from pathlib import Path
from typing import Final

from treasury.reports.snapshot import Statement

NOBODY: Final = "demonstration, not approved for release"
FILE: Final = Path(__file__).with_name("words") / "demonstration.toml"


def demonstration() -> tuple[Statement, ...]:
    """By kind, then by language."""
    with FILE.open("rb") as file:
        told = tomllib.load(file)
    return tuple(
        Statement(kind=kind, version=1, language=language, text=text, speaker="", approver=NOBODY)
        for kind, languages in told.items()
        for language, text in languages.items()
    )


DEMONSTRATION: Final = demonstration()
