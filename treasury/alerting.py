"""Rules of the treasury: loans near their call or called, the price that decides it, and proposals that wait."""

from typing import Final

from cango_ops.alerts.rules import CRITICAL, DECISION, TREASURY, WARNING, Context, Finding, Place, Rule, Verdicts
from cango_ops.alerts.table import RuleSet
from treasury.lending.mark import Status
from treasury.loans.position import LoanNow, position
from treasury.loans.prices import Quote
from treasury.models import Proposal
from treasury.money import btc, half_up

NEAR: Final = Rule(
    name="loan.near", title="Loan near its call", severity=WARNING, hold_s=0, clear_s=300, limit=15, clear_limit=17,
    unit="pct", why="how far bitcoin may fall before the lender calls, in per cent", of_sites=False,
)  # fmt: skip
CALL: Final = Rule(
    name="loan.called", title="Loan called", severity=CRITICAL, hold_s=0, clear_s=300, of_sites=False,
    why="the lender may ask for coins, or sell those that are pledged",
)  # fmt: skip
PRICE: Final = Rule(
    name="loan.price", title="Price of bitcoin not sure", severity=WARNING, hold_s=60, clear_s=60, of_sites=False,
    why="two fresh sources that agree decide whether a loan is called; a stale price is refused",
)  # fmt: skip
WAITS: Final = Rule(
    name="proposal.waits", title="Proposal waits", severity=DECISION, hold_s=0, clear_s=0, of_sites=False,
    why="others than its maker approve or reject it, and what was carried out is booked, before its time is over",
)  # fmt: skip
RULES: Final = (NEAR, CALL, PRICE, WAITS)
HERE: Final = Place(TREASURY, "Treasury")
NO_RATE: Final = "a call asks for coins, not for dollars an hour"


def check(context: Context) -> Verdicts:
    now = position(context.now)
    verdicts = Verdicts(judged={rule.name for rule in RULES})
    for loan in now.loans:
        subject = f"loan/{loan.code}"
        if not loan.is_secured:
            continue
        if loan.mark is None:
            verdicts.unknown |= {(NEAR.name, subject), (CALL.name, subject)}
        elif loan.state == "critical":
            verdicts.found.append(called(loan, subject))
        elif loan.distance_pct is not None and loan.distance_pct < context.limit(NEAR.name, subject):
            verdicts.found.append(near(loan, subject))
    if now.loans and now.quote.state != "ok" and not is_alone(now.quote):
        verdicts.found.append(unsure(now.quote))
    verdicts.found += waiting()
    return verdicts


def is_alone(quote: Quote) -> bool:
    """There has only ever been one source, and it is fresh: the page says so, and nobody need be called."""
    return len(quote.sources) == 1 and quote.price_usd is not None


def near(loan: LoanNow, subject: str) -> Finding:
    assert loan.mark is not None
    assert loan.distance_pct is not None
    return Finding(
        rule=NEAR.name, subject=subject, place=HERE, value=float(loan.distance_pct),
        sentence=f"{loan.code}: a fall of {half_up(loan.distance_pct, 1)} % brings the call, at "
        f"${loan.mark.margin_call_price_usd:,.0f}; LTV {half_up(loan.mark.ltv_pct or 0, 1)} %",
        action="See what would cover it", url="/treasury/", usd_why=NO_RATE,
    )  # fmt: skip


def called(loan: LoanNow, subject: str) -> Finding:
    mark = loan.mark
    assert mark is not None
    word = "may be liquidated" if mark.status is Status.LIQUIDATION else mark.status.value.replace("_", " ")
    wanted = "" if not mark.top_up_sat else f"; {half_up(btc(mark.top_up_sat), 2):,f} BTC bring it back"
    sold = "" if mark.liquidation_price_usd is None else f", sold at ${mark.liquidation_price_usd:,.0f}"
    return Finding(
        rule=CALL.name, subject=subject, place=HERE, sentence=f"{loan.code}: {word}{sold}{wanted}",
        action="Pledge coins or repay", url="/treasury/", usd_why=NO_RATE,
        value=None if mark.ltv_pct is None else float(mark.ltv_pct),
    )  # fmt: skip


def unsure(quote: Quote) -> Finding:
    return Finding(
        rule=PRICE.name, subject="price", place=HERE, since=quote.observed_at,
        sentence=f"Price of bitcoin: {quote.words}", action="Look at the sources", url="/treasury/",
        usd_why="a price decides nothing by itself",
    )  # fmt: skip


def waiting() -> list[Finding]:
    """One for each open proposal; it is over with its last approval and booking, or however else it ends."""
    rows = Proposal.objects.filter(state__in=[Proposal.State.PROPOSED, Proposal.State.APPROVED])
    return [waits(row) for row in rows.select_related("maker").prefetch_related("approvals__approver")]


def waits(row: Proposal) -> Finding:
    said = ", ".join(str(one.approver) for one in row.approvals.all())
    left = row.approvals_needed - len(row.approvals.all())
    is_open = row.state == Proposal.State.PROPOSED
    word = f"waits for {left} more than {row.maker}{f' and {said}' if said else ''}" if is_open else "is to be booked"
    since = row.proposed_at if is_open else row.approved_at
    return Finding(
        rule=WAITS.name, subject=f"proposal/{row.pk}", place=HERE, since=since,
        sentence=f"{row.get_kind_display()} of {row.maker} {word}: {row.reason}",
        action=f"{'Approve or reject' if is_open else 'Carry out'} by {row.not_after:%Y-%m-%d %H:%M} UTC",
        url=f"/treasury/proposals/{row.pk}/", usd_why="its page says what it would change",
    )  # fmt: skip


SETS: Final = (RuleSet("treasury", RULES, check),)
