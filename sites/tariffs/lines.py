"""Terms of a contract as lines that a person writes, and back. Pure; whatever is wrong is one `BadTerms` with words.

when       17:00-21:00 mon-fri jun-sep no-holidays     in any order; nothing: always
period     85.00 evening peak @ 17:00-21:00 mon-fri    USD/MWh, name, when
charge     6500 15 month @ mon-fri                     USD/MW of the month's peak, metering minutes, name, when
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeVar

from sites.tariffs.terms import BadTerms, Charge, Period, Window

T = TypeVar("T")
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
HOURS: Final = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")
HOLIDAYS: Final = {"holidays": True, "no-holidays": False}
MIDNIGHT: Final = time(0)
METERED: Final = ("5", "15", "30", "60")


def parse_when(text: str) -> Window:
    """Raises BadTerms."""
    found: dict[str, Any] = {}
    for word in text.lower().split():
        name, value = part_of(word)
        if name in found:
            raise BadTerms(f"“{word}” says {name} a second time")
        found[name] = value
    begin, end = found.pop("hours", (MIDNIGHT, MIDNIGHT))
    return Window(begin=begin, end=end, **found)


def part_of(word: str) -> tuple[str, Any]:
    if word in HOLIDAYS:
        return "on_holidays", HOLIDAYS[word]
    if match := HOURS.fullmatch(word):
        return "hours", hours_of(word, [int(group) for group in match.groups()])
    first = re.split("[-,]", word)[0]
    if first in DAYS:
        return "weekdays", frozenset(named(word, DAYS))
    if first in MONTHS:
        return "months", frozenset(at + 1 for at in named(word, MONTHS))
    raise BadTerms(f"“{word}” is no time of day (17:00-21:00), weekdays (mon-fri), months (jun-sep) or holidays")


def hours_of(word: str, numbers: Sequence[int]) -> tuple[time, time]:
    try:
        # 24:00 is the midnight that ends the day.
        return time(numbers[0] % 24, numbers[1]), time(numbers[2] % 24, numbers[3])
    except ValueError:
        raise BadTerms(f"“{word}” is no time of day") from None


def named(word: str, names: Sequence[str]) -> set[int]:
    """Places of `fri-mon` or `sat,sun`; a range may go over the end."""
    found: set[int] = set()
    for part in word.split(","):
        first, _, last = part.partition("-")
        if first not in names or (last or first) not in names:
            raise BadTerms(f"“{part}” is no range of {names[0]} to {names[-1]}")
        begin, end = names.index(first), names.index(last or first)
        found |= {at % len(names) for at in range(begin, end + 1 + (len(names) if end < begin else 0))}
    return found


def when_words(when: Window) -> str:
    """Reads back to the same window."""
    words = []
    if (when.begin, when.end) != (MIDNIGHT, MIDNIGHT):
        words.append(f"{when.begin:%H:%M}-{when.end:%H:%M}")
    words += joined(set(when.weekdays), DAYS) + joined({month - 1 for month in when.months}, MONTHS)
    words += [word for word, value in HOLIDAYS.items() if value is when.on_holidays]
    return " ".join(words)


def joined(places: set[int], names: Sequence[str]) -> list[str]:
    if not places:
        return []
    ordered = sorted(places)
    if len(ordered) > 2 and ordered == list(range(ordered[0], ordered[-1] + 1)):
        return [f"{names[ordered[0]]}-{names[ordered[-1]]}"]
    return [",".join(names[at] for at in ordered)]


# Lines


def parse_lines(text: str, parse: Callable[[str], T]) -> tuple[T, ...]:
    """Raises BadTerms, with the line's number."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                found.append(parse(line.strip()))
            except BadTerms as why:
                raise BadTerms(f"line {number}: {why}") from None
    return tuple(found)


def parse_period(line: str) -> Period:
    head, _, when = line.partition("@")
    usd, _, name = head.strip().partition(" ")
    if not name.strip():
        raise BadTerms("expected a price and a name, such as 85.00 evening @ 17:00-21:00")
    return Period(name.strip(), amount(usd, "a price"), parse_when(when))


def parse_charge(line: str) -> Charge:
    head, _, when = line.partition("@")
    usd, minutes, name = [*head.split(maxsplit=2), "", "", ""][:3]
    if minutes not in METERED or not name:
        raise BadTerms(f"expected a price, {', '.join(METERED)} minutes and a name, such as 6500 15 month @ mon-fri")
    return Charge(name.strip(), amount(usd, "a price"), int(minutes), parse_when(when))  # type: ignore[arg-type]


def amount(text: str, what: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise BadTerms(f"“{text[:20]}” is not {what}") from None


def parse_day(line: str) -> date:
    try:
        return date.fromisoformat(line)
    except ValueError:
        raise BadTerms(f"“{line[:20]}” is no day such as 2026-12-25") from None


def period_line(period: Period) -> str:
    return at_when(f"{period.usd_per_mwh:f} {period.name}", period.when)


def charge_line(charge: Charge) -> str:
    return at_when(f"{charge.usd_per_mw:f} {charge.interval_min} {charge.name}", charge.when)


def at_when(head: str, when: Window) -> str:
    words = when_words(when)
    return f"{head} @ {words}" if words else head


def lines_of(rows: Iterable[str]) -> str:
    return "\n".join(rows)
