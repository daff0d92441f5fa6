"""What is wrong with a file of JSON, in a sentence for whoever wrote it instead of the decoder's. Pure."""

import re
from collections.abc import Callable
from typing import Final, TypeAlias

KINDS: Final = {
    "float": "a number", "int": "a whole number", "bool": "true or false", "str": "text", "array": "a list",
    "object": "an object", "null": "null",
}  # fmt: skip
BOUNDS: Final = {">=": "at least", "<=": "at most", ">": "above", "<": "below"}
Words: TypeAlias = Callable[[re.Match[str]], str]


def in_words(fault: str) -> str:
    """The decoder's (msgspec's) message, with the place first; one that is not known stays as it is."""
    for pattern, words in SENTENCES:
        if found := pattern.fullmatch(fault):
            return words(found)
    return fault


def place(path: str | None) -> str:
    """`$.grid.take_or_pay` is grid.take_or_pay, the whole file is "the file"."""
    return (path or "$").removeprefix("$").removeprefix(".") or "the file"


def missing(found: re.Match[str]) -> str:
    inside = place(found["path"])
    return f"{found['field'] if inside == 'the file' else inside + '.' + found['field']} is missing"


def kind(name: str) -> str:
    return " or ".join(KINDS.get(part, part) for part in name.split(" | "))


def length(bound: str, number: int) -> str:
    return "must not be empty" if (bound, number) == (">=", 1) else f"must have {BOUNDS[bound]} {number:,} entries"


def amount(value: float) -> str:
    return f"{value:,.0f}" if value.is_integer() else f"{value:g}"


SENTENCES: Final[tuple[tuple[re.Pattern[str], Words], ...]] = (
    (re.compile(r"Object missing required field `(?P<field>\w+)`(?: - at `(?P<path>.+)`)?"), missing),
    (
        re.compile(r"Expected `(?P<kind>[^`]+)`, got `(?P<got>[^`]+)`(?: - at `(?P<path>.+)`)?"),
        lambda found: f"{place(found['path'])} must be {kind(found['kind'])}, not {kind(found['got'])}",
    ),
    (
        re.compile(r"Expected `\w+` of length (?P<bound>[<>]=?) (?P<number>\d+)(?: - at `(?P<path>.+)`)?"),
        lambda found: f"{place(found['path'])} {length(found['bound'], int(found['number']))}",
    ),
    (
        re.compile(r"Expected `\w+` (?P<bound>[<>]=?) (?P<number>\S+)(?: - at `(?P<path>.+)`)?"),
        lambda found: f"{place(found['path'])} must be {BOUNDS[found['bound']]} {amount(float(found['number']))}",
    ),
    (
        re.compile(r"Invalid enum value (?P<value>.+?)(?: - at `(?P<path>.+)`)?"),
        lambda found: f"{place(found['path'])} is {found['value']}, which is not known",
    ),
    (re.compile(r"Input data was truncated"), lambda found: "the file ends before its JSON does"),
    (re.compile(r"JSON is malformed: (?P<why>.+)"), lambda found: f"the file is no JSON: {found['why']}"),
)
