"""Shares, rights, prices and costs for a new installation to look at, marked as made up where they are.

Published: 10.5 million dollars of class B shares at 1.50 and 65 million of insiders at 1.32 dollars in February 2026.
Everything else is made up so that the figures are of the right size.
"""

from datetime import date, timedelta
from typing import Final

from treasury.equity.imports import row_of
from treasury.equity.tell import tell
from treasury.models import JournalEntry, ShareChange

MADE_UP: Final = "made up for the demo books"
SHARES: Final = (
    ("opening-a", "2024-12-31", "A", "opening", "272000000", "", MADE_UP),
    ("opening-b", "2024-12-31", "B", "opening", "82000000", "", MADE_UP),
    ("raise-b", "2026-02-12", "B", "raise", "7000000", "1.50", "10.5 million dollars of class B shares, as published"),
    ("raise-a-1", "2026-02-27", "A", "raise", "29975137", "1.32", "39,567,181 of 65 million dollars of insiders"),
    ("raise-a-2", "2026-02-27", "A", "raise", "19267287", "1.32", "25,432,819 of 65 million dollars of insiders"),
)
RIGHTS: Final = (
    ("options", {"kind": "option", "number": "12000000", "strike_usd": "1.20"}),
    ("units", {"kind": "rsu", "number": "4500000"}),
    ("note", {"kind": "convertible", "principal_usd": "20000000.00", "conversion_price_usd": "2.50"}),
)
# Item, kind, dollars a month.
COSTS: Final = (
    ("power", "cash", "14200000.00"), ("hosting", "cash", "5900000.00"), ("pool_fees", "cash", "160000.00"),
    ("site_opex", "cash", "577000.00"), ("demand_response", "credit", "410000.00"),
    ("depreciation_miners", "all_in", "7200000.00"),
)  # fmt: skip


def tell_demo(today: date) -> int:
    """Tells it where the books are the demo's and no shares are written down; the number of rows written."""
    if ShareChange.objects.exists() or not JournalEntry.objects.filter(source_id__startswith="demo/").exists():
        return 0
    return len(tell([row_of(row) for row in rows(today)], "demo").written)


def rows(today: date) -> list[dict[str, str]]:
    last = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    before = (last - timedelta(days=1)).replace(day=1)
    found = [
        {"source": f"demo/{name}", "record": "shares", "on": on, "class": share_class, "kind": kind, "shares": count,
         "note": note} | ({"price_usd": price} if price else {})
        for name, on, share_class, kind, count, price, note in SHARES
    ]  # fmt: skip
    found += [
        {"source": f"demo/{name}", "record": "right", "on": "2025-01-02", "note": MADE_UP} | fields
        for name, fields in RIGHTS
    ]
    found += [
        {"source": f"demo/price/{today - timedelta(days=back)}", "record": "price", "note": MADE_UP,
         "on": f"{today - timedelta(days=back)}", "price_usd": f"1.{40 + back}"}
        for back in (2, 1)
    ]  # fmt: skip
    found += [
        {"source": f"demo/balance/{item}", "record": "balance", "on": f"{last}", "item": item, "amount_usd": usd,
         "note": MADE_UP}
        for item, usd in (("other", "118000000.00"), ("debt", "20000000.00"))
    ]  # fmt: skip
    found += [
        {"source": f"demo/cost/{month:%Y-%m}/{item}", "record": "cost", "on": f"{month}", "item": item, "kind": kind,
         "amount_usd": usd, "note": MADE_UP}
        for month in (before, last)
        for item, kind, usd in COSTS
    ]  # fmt: skip
    return found
