"""What is wrong with a file of JSON, in a sentence for whoever wrote it instead of the decoder's. Pure."""

import re
from collections.abc import Callable
from typing import Final, TypeAlias

KINDS: Final = {
    "float": "a number", "int": "a whole number", "bool": "true or false", "str": "text", "array": "a list",
    "object": "an object", "null": "null", "bool | int": "true, false, 0 or 1",
}  # fmt: skip
BOUNDS: Final = {">=": "at least", "<=": "at most", ">": "above", "<": "below"}
PLACE: Final = re.compile(r"\(byte (\d+)\)$")
NO_NUMBER: Final = re.compile(rb"-?(NaN|Infinity)")
Words: TypeAlias = Callable[[re.Match[str]], str]


def in_words(fault: str, data: bytes = b"") -> str:
    """The decoder's (msgspec's) message, with the place first; one that is not known stays as it is. data: the file,
    for what stands where its JSON ends."""
    for pattern, words in SENTENCES:
        if found := pattern.fullmatch(fault):
            return words(found) + no_number(fault, data)
    return fault


def no_number(fault: str, data: bytes) -> str:
    """NaN and infinite numbers, which Python writes and JSON does not know."""
    at = NO_NUMBER.match(data, int(found[1])) if (found := PLACE.search(fault)) else None
    return f": {at[0].decode()} is no number of JSON" if at else ""


def place(path: str | None) -> str:
    """`$.grid.take_or_pay` is grid.take_or_pay, the whole file is "the file"."""
    return (path or "$").removeprefix("$").removeprefix(".") or "the file"


def missing(found: re.Match[str]) -> str:
    inside = place(found["path"])
    return f"{found['field'] if inside == 'the file' else inside + '.' + found['field']} is missing"


def kind(name: str) -> str:
    return KINDS.get(name) or " or ".join(KINDS.get(part, part) for part in name.split(" | "))


def wrong_kind(found: re.Match[str]) -> str:
    is_broken = (found["kind"], found["got"]) == ("int", "float")
    got = "one with a decimal point" if is_broken else kind(found["got"])
    return f"{place(found['path'])} must be {kind(found['kind'])}, not {got}"


def length(bound: str, number: int) -> str:
    return "must not be empty" if (bound, number) == (">=", 1) else f"must have {BOUNDS[bound]} {number:,} entries"


def amount(value: float) -> str:
    return f"{value:,.0f}" if value.is_integer() else f"{value:g}"


SENTENCES: Final[tuple[tuple[re.Pattern[str], Words], ...]] = (
    (re.compile(r"Object missing required field `(?P<field>\w+)`(?: - at `(?P<path>.+)`)?"), missing),
    (
        re.compile(r"Expected `(?P<kind>[^`]+)`, got `(?P<got>[^`]+)`(?: - at `(?P<path>.+)`)?"),
        wrong_kind,
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
