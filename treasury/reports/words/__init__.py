"""The words of the documents, one file a language; what a language lacks is said in English."""

import tomllib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
LANGUAGES = ("en", "fr", "it", "zh")


@cache
def table(language: str) -> dict[str, str]:
    with (FOLDER / f"{language}.toml").open("rb") as file:
        return tomllib.load(file)


def word(key: str, language: str) -> str:
    """Raises KeyError where even English has no such key."""
    return table(language).get(key) or table("en")[key]


def name_of(code: str, english: str, language: str) -> str:
    """The name of a figure; the snapshot's own in English."""
    return english if language == "en" else table(language).get(code, english)
