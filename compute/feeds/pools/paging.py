"""Lists that a pool tells page by page: every row once, none lost and none doubled. Pure.

A row that comes or goes between two questions moves the others to another page. So the first page is asked for again
when all were read; where it says otherwise by then, the list is read anew.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, Final, NamedTuple

import msgspec

from cango_ops.wire import Ask, Conversation, Garbled
from compute.feeds.pools.account import Payout, name

MOST_PAGES: Final = 40
TRIES: Final = 3
Row = dict[str, Any]


class Span(NamedTuple):
    """Days of a list (UTC), both of them in it."""

    first: date
    last: date


class Page(NamedTuple):
    """total: rows of all pages, None where the pool does not say, or where the rest is not wanted."""

    rows: list[Row]
    is_last: bool
    total: int | None = None


def every_row(ask: Callable[[int], Ask], read: Callable[[bytes], Page]) -> Conversation[list[Row]]:
    """The rows of all pages, in their order. ask: for a page, from 1 on. Raises Garbled."""
    for _ in range(TRIES):
        pages = [read((yield ask(1)))]
        while not pages[-1].is_last:
            pages.append(read((yield ask(len(pages) + 1))))
            if len(pages) > MOST_PAGES:
                raise Garbled(f"a list of more than {MOST_PAGES} pages")
            if pages[-1].rows == pages[-2].rows:
                raise Garbled("the pool tells the same page again")
        if len(pages) == 1 or read((yield ask(1))).rows == pages[0].rows:
            return whole(pages)
    raise Garbled("the list changed each time that it was read")


def whole(pages: list[Page]) -> list[Row]:
    found = [row for page in pages for row in page.rows]
    total = pages[-1].total
    if total is not None and total != len(found):
        raise Garbled(f"the pool tells of {total} rows and lists {len(found)}")
    return found


def payment(key: object, at: datetime | None, amount_sat: int | None, is_final: bool = True) -> Payout:
    """Raises Garbled where the time or the amount is not told: a payout that cannot be kept must not be passed over."""
    if at is None or amount_sat is None:
        raise Garbled(f"payout {name(key)} names no {'time' if at is None else 'amount'}")
    return Payout(key=name(key), paid_at=at, amount_sat=amount_sat, is_final=is_final)


def paid_once(found: Iterable[tuple[object, Payout]]) -> list[Payout]:
    """Payouts by the number that the pool gives each. A number that is listed again, the same, counts once; payments of
    one transaction are one payout. Raises Garbled where a number is listed with two contents."""
    by_number: dict[str, Payout] = {}
    for number, payout in found:
        if by_number.setdefault(name(number), payout) != payout:
            raise Garbled(f"payout {name(number)} is listed twice, each time otherwise")
    by_key: dict[tuple[str, bool], Payout] = {}
    for payout in by_number.values():
        key = payout.key, payout.is_final
        earlier = by_key.get(key)
        by_key[key] = payout if earlier is None else joined(earlier, payout)
    return list(by_key.values())


def joined(one: Payout, other: Payout) -> Payout:
    """Two payments of the same transaction."""
    return msgspec.structs.replace(
        one, amount_sat=one.amount_sat + other.amount_sat, paid_at=min(one.paid_at, other.paid_at)
    )
