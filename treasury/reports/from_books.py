"""A month's bitcoin, dollars and loans out of the ledger, each figure with the entries it came of."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from treasury.books import queries
from treasury.books.queries import Book
from treasury.closing.month_price import mark_at
from treasury.earnings.span import Month
from treasury.ledger.facts import Origin
from treasury.ledger.journal import PROCEEDS, cost_account
from treasury.loans.position import loan_now, secured_usd
from treasury.models import JournalEntry, Loan
from treasury.money import btc, half_up, percent, usd_of
from treasury.reports.figures import Cell, known, missing

MOST_IDS: Final = 200
KINDS: Final = {
    "btc_produced": ("mined",),
    "btc_bought": ("bought",),
    "btc_sold": ("sale",),
    "btc_fees": ("transfer", "pledge", "release"),
}


def facts(span: Month) -> dict[str, Cell]:
    """Nothing but reasons where the books have no entry up to the end of the month."""
    if not JournalEntry.objects.filter(at__lt=span.end_at).exists():
        return {}
    opening, closing = Book.at(span.start_at), Book.at(span.end_at)
    moved = queries.quantities_between(opening, closing)
    amounts = {
        "btc_produced": moved.mined_sat, "btc_bought": moved.bought_sat + moved.opened_sat,
        "btc_sold": moved.sold_sat, "btc_fees": moved.burnt_sat,
    }  # fmt: skip
    found = {code: coins(code, sat, ids_of(code, span)) for code, sat in amounts.items()}
    if moved.opened_sat:
        note = f"with {half_up(btc(moved.opened_sat), 8):f} BTC that the books began with"
        found["btc_bought"] = replace(found["btc_bought"], note=note)
    found |= held(span)
    if moved.sold_sat:
        proceeds = opening.usd(PROCEEDS) - closing.usd(PROCEEDS)
        found["sale_proceeds_usd"] = known(
            "sale_proceeds_usd", proceeds, [f"ledger:{PROCEEDS}", *ids_of("btc_sold", span)]
        )
    return found | priced(span, moved.closing_sat)


def coins(code: str, sat: int, lineage: Sequence[str]) -> Cell:
    return known(code, half_up(btc(sat), 8), lineage)


def ids_of(code: str, span: Month) -> list[str]:
    """The entries behind a figure; of many the first, and how many more there are; where there is none, that too."""
    rows = JournalEntry.objects.filter(kind__in=KINDS[code], at__gte=span.start_at, at__lt=span.end_at)
    ids = [f"entry:{source}" for source in rows.order_by("at", "seq", "source_id").values_list("source_id", flat=True)]
    more = [f"and {len(ids) - MOST_IDS} more entries"] if len(ids) > MOST_IDS else []
    return ids[:MOST_IDS] + more if ids else ["ledger:no entry of the month"]


def held(span: Month) -> dict[str, Cell]:
    lying = queries.coins(span.end_at, before=True)
    wallets = [f"balance:Assets:Bitcoin:Wallet:{name}" for name, sat in lying.wallets_sat.items() if sat]
    loans = [f"balance:Assets:Bitcoin:Loan:{name}" for name, sat in lying.pledged_sat.items() if sat]
    return {
        "btc_held": coins("btc_held", lying.held_sat, [*wallets, *loans]),
        "btc_pledged": coins("btc_pledged", lying.held_sat - lying.free_sat, loans),
        "btc_restricted": missing("no wallet is marked as restricted"),
        "btc_in_transit": missing("unpaid balances of pools are not in the books"),
    }


def priced(span: Month, held_sat: int) -> dict[str, Cell]:
    """What needs the price at the end of the month: value of the coins, debt and LTV of the loans."""
    mark = mark_at(span.end_at)
    if mark is None:
        reason = missing("no price within a day before the end of the month")
        return dict.fromkeys(("btc_price_usd", "btc_nav_usd", "loan_ltv_pct"), reason) | loans(span, None)
    source = [f"price:{mark.source}@{mark.at:%Y-%m-%dT%H:%M:%SZ}"]
    return {
        "btc_price_usd": known("btc_price_usd", mark.price_usd, source),
        "btc_nav_usd": known("btc_nav_usd", usd_of(held_sat, mark.price_usd), [*source, "= btc_held x btc_price_usd"]),
    } | loans(span, mark.price_usd)


def loans(span: Month, price_usd: Decimal | None) -> dict[str, Cell]:
    rows = [loan for loan in Loan.objects.prefetch_related("events") if has_begun(loan, span)]
    if not rows:
        return dict.fromkeys(("loan_debt_usd", "loan_ltv_pct"), missing("no loan is written down"))
    pledged = queries.coins(span.end_at, before=True).pledged_sat
    now = [loan_now(loan, span.end_at, price_usd, pledged.get(loan.code, 0)) for loan in rows]
    ids, debt = [f"loan:{loan.code}" for loan in now], sum((loan.debt_usd for loan in now), Decimal("0.00"))
    found = {"loan_debt_usd": known("loan_debt_usd", debt, ids)}
    if price_usd is not None:
        ltv = percent(secured_usd(now), usd_of(sum(pledged.values()), price_usd))
        told = missing("no coins are pledged") if ltv is None else known("loan_ltv_pct", ltv, ids)
        found["loan_ltv_pct"] = told
    return found


def has_begun(loan: Loan, span: Month) -> bool:
    return any(event.on < span.end_at.date() for event in loan.events.all())


def mined_usd(span: Month) -> Decimal:
    """What the coins mined in the month were worth when they came."""
    account = cost_account(Origin.MINED)
    return Book.at(span.end_at).usd(account) - Book.at(span.start_at).usd(account)
