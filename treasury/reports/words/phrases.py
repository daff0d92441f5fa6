"""What the gathering of figures says in English, in the language of a document; its numbers are set anew. Pure."""

import re
import tomllib
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

from treasury.reports.numbers import number

FILE: Final = Path(__file__).with_name("phrases.toml")
NUMBER: Final = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
PLACE: Final = re.compile(r"\\\{([a-z])\\\}")


@cache
def table() -> tuple[tuple[re.Pattern[str], dict[str, str]], ...]:
    """Each phrase as a pattern, with its languages; those without a place for anything come first."""
    with FILE.open("rb") as file:
        found = tomllib.load(file)
    exact_first = sorted(found.items(), key=lambda item: ("{" in item[0], -len(item[0])))
    return tuple((pattern(english), told) for english, told in exact_first)


def pattern(english: str) -> re.Pattern[str]:
    return re.compile(PLACE.sub(r"(?P<\1>.+?)", re.escape(english)))


def phrase(english: str, language: str) -> str:
    """The English where the language has no words for it; sentences in a row are said one by one."""
    told = whole(english, language)
    if told is None and ". " in english:
        return ("。" if language == "zh" else ". ").join(phrase(one, language) for one in english.split(". "))
    if told is None and "; " in english:
        return ("；" if language == "zh" else "; ").join(phrase(one, language) for one in english.split("; "))
    return english if told is None else told


def whole(english: str, language: str) -> str | None:
    for one, languages in table():
        found = one.fullmatch(english)
        if found and language in languages:
            return languages[language].format(**{key: inner(text, language) for key, text in found.groupdict().items()})
    return None


def inner(text: str, language: str) -> str:
    """What stood at a place: a number, a phrase of its own, or a name."""
    if NUMBER.fullmatch(text):
        return number(Decimal(text.replace(",", "")), language)
    return phrase(text, language)
