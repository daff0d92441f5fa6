"""Numbers and dates as four languages print them. Pure.

Source: Unicode CLDR 45, the number and long date patterns of en, fr, it and zh-Hans.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

MINUS: Final = "\u2212"
NARROW: Final = "\u202f"  # French groups digits with it and puts it before a percent sign


@dataclass(frozen=True)
class Language:
    """group, point: of digits.   percent: what stands between number and sign.   months: as inside a date."""

    code: str
    group: str
    point: str
    percent: str
    months: tuple[str, ...]
    day: str
    month: str
    first_of_month: str = "1"


LANGUAGES: Final = {
    one.code: one
    for one in (
        Language(
            "en", ",", ".", "",
            ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
             "November", "December"),
            "{name} {day}, {year}", "{name} {year}",
        ),
        Language(
            "fr", NARROW, ",", NARROW,
            ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
             "novembre", "décembre"),
            "{day} {name} {year}", "{name} {year}", "1er",
        ),
        Language(
            "it", ".", ",", "",
            ("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre",
             "novembre", "dicembre"),
            "{day} {name} {year}", "{name} {year}", "1º",
        ),
        Language(
            "zh", ",", ".", "", tuple(f"{number}月" for number in range(1, 13)),
            "{year}年{name}{day}日", "{year}年{name}",
        ),
    )
}  # fmt: skip


def number(value: Decimal, language: str) -> str:
    """All digits of the value, grouped; a minus sign, never a hyphen. Italian leaves four digits together, by CLDR."""
    words = LANGUAGES[language]
    text = f"{abs(value):,f}"
    whole, _, rest = text.partition(".")
    if language == "it" and len(whole) == 5:
        whole = whole.replace(",", "")
    sign = MINUS if value < 0 else ""
    return sign + whole.replace(",", words.group) + (words.point + rest if rest else "")


def percent(value: Decimal, language: str) -> str:
    return f"{number(value, language)}{LANGUAGES[language].percent}%"


def signed(value: Decimal, language: str) -> str:
    """With a plus where it grew."""
    return f"+{number(value, language)}" if value > 0 else number(value, language)


def long_date(day: date, language: str) -> str:
    words = LANGUAGES[language]
    return words.day.format(
        name=words.months[day.month - 1], year=day.year, day=words.first_of_month if day.day == 1 else day.day
    )


def month_name(day: date, language: str) -> str:
    return LANGUAGES[language].month.format(name=LANGUAGES[language].months[day.month - 1], year=day.year)


def short_month(month: str) -> str:
    """ "2025-10" as "10/25": narrow, and the same in every language."""
    return f"{month[5:]}/{month[2:4]}"
