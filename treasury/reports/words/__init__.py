"""The words of the documents, one file a language; what a language lacks is said in English."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
LANGUAGES = ("en", "fr", "it", "zh")


@cache
def table(language: str) -> dict[str, Any]:
    with (FOLDER / f"{language}.toml").open("rb") as file:
        return tomllib.load(file)


def word(key: str, language: str) -> str:
    """Raises KeyError where even English has no such key."""
    return table(language).get(key) or table("en")[key]


@cache
def figures(language: str) -> dict[str, tuple[str, str]]:
    """(name, definition) of each figure; English has none, the snapshot says it."""
    path = FOLDER / f"figures_{language}.toml"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return {code: (name, definition) for code, (name, definition) in tomllib.load(file).items()}


def name_of(code: str, english: str, language: str) -> str:
    """The name of a figure; the snapshot's own in English."""
    return figures(language).get(code, (english, ""))[0]


def definition_of(code: str, english: str, language: str) -> str:
    """What a figure means, in words."""
    return figures(language).get(code, ("", english))[1]
