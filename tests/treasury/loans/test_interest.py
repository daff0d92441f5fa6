"""Interest in the books: each month once, corrected where a fact came late, and what is owed always ties."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cango_ops.wire import Garbled
from tests.base.threads import in_threads
from tests.treasury.books.worlds import mined
from treasury.books import check, queries
from treasury.books.post import post
from treasury.lending.course import Kind
from treasury.lending.terms import DayCount
from treasury.loans.happen import Happening, happen
from treasury.loans.interest import post_due, posted, schedule
from treasury.loans.rollforward import rollforward
from treasury.models import ClosedMonth, JournalEntry, Loan

pytestmark = pytest.mark.django_db

D = Decimal
BTC = 100_000_000


def lend(code="A", **terms):
    return Loan.objects.create(
        **{
            "code": code, "lender": "Antalpha", "rate": D("0.0365"), "day_count": "ACT/365F",
            "interest": "paid_monthly", "initial_ltv": D("0.70"), "margin_ltv": D("0.80"),
        } | terms
    )  # fmt: skip


def drawn(loan, usd="100000.00", on=date(2025, 7, 1)):
    happen(loan, Happening(f"{loan.code}-d", Kind.DRAW, on, 1, usd=D(usd)), "test")
    return loan


def owed(at=datetime(2026, 1, 1, tzinfo=UTC), code="A"):
    return {row.code: row.amount for row in queries.balances(at, f"Liabilities:Loan:{code}")}


def close(month):
    ClosedMonth.objects.create(
        month=month, closed_at=datetime.now(UTC), closed_by="ted", closed_by_id=1, proof=[]
    )  # fmt: skip


def test_each_month_that_is_over_is_posted_once():
    loan = drawn(lend())

    # 31 nights at 10.00, and 31 of August.
    assert post_due(loan, date(2025, 9, 1)) == ["interest/A/2025-07", "interest/A/2025-08"]
    assert post_due(loan, date(2025, 9, 30)) == []
    assert owed() == {"Liabilities:Loan:A": D("-100620.00")}
    assert [row.amount for row in queries.balances(datetime(2026, 1, 1, tzinfo=UTC), "Expenses:Interest:A")] == [
        D("620.00")
    ]


def test_the_entry_lies_in_its_own_month():
    loan = drawn(lend())
    post_due(loan, date(2025, 8, 15))

    assert JournalEntry.objects.get(source_id="interest/A/2025-07").at == datetime(2025, 7, 31, 23, 59, 59, tzinfo=UTC)


def test_capitalised_interest_bears_interest():
    loan = drawn(lend(interest="capitalised_monthly"), usd="100000.00")
    post_due(loan, date(2025, 9, 1))

    # August: 100,310 x 0.0365 / 365 x 31.
    assert posted(loan)[date(2025, 8, 31)].usd == D("310.96")


def test_a_late_repayment_is_corrected_in_an_entry_of_its_own():
    loan = drawn(lend())
    post_due(loan, date(2025, 8, 1))

    happen(loan, Happening("r", Kind.REPAY, date(2025, 7, 11), 1, usd=D("50000.00")), "test")

    # The 21 nights from the 11th on cost 5.00 less.
    assert schedule(loan, date(2025, 8, 1), ahead=0)[0].word == "to be corrected"
    assert post_due(loan, date(2025, 8, 1)) == ["interest/A/2025-07/1"]
    assert posted(loan)[date(2025, 7, 31)].usd == D("205.00")
    assert post_due(loan, date(2025, 8, 1)) == []


def test_a_correction_of_a_closed_month_lies_in_the_open_one():
    loan = drawn(lend())
    post_due(loan, date(2025, 8, 1))
    Loan.objects.filter(pk=loan.pk).update(rate=D("0.073"))
    loan.refresh_from_db()
    close(date(2025, 7, 1))
    drawn(late := lend("B"), on=date(2025, 8, 2))

    post_due(loan, date(2025, 8, 1))

    entry = JournalEntry.objects.get(source_id="interest/A/2025-07/1")
    assert (entry.at, entry.evidence["billed"]) == (datetime(2025, 8, 1, tzinfo=UTC), "620.00")
    assert post_due(late, date(2025, 8, 31)) == []


def test_what_happened_in_a_closed_month_is_refused_in_words():
    loan = drawn(lend())
    close(date(2025, 7, 1))

    for late in (
        Happening("x", Kind.DRAW, date(2025, 7, 9), usd=D(1)),
        Happening("x", Kind.RATE, date(2025, 7, 9), rate=D("0.05")),
        Happening("x", Kind.CALL, date(2025, 7, 9), sat=5),
    ):
        with pytest.raises(Garbled, match="closed before 2025-08-01: book it there as an adjustment"):
            happen(loan, late, "test")


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_post_it_once():
    loan = drawn(lend())

    made = in_threads(3, lambda: post_due(Loan.objects.get(pk=loan.pk), date(2025, 10, 1)))

    assert sorted(len(one) for one in made) == [0, 0, 3]
    assert JournalEntry.objects.filter(kind="interest").count() == 3


def test_collateral_that_the_lender_keeps_leaves_with_its_lots():
    post([mined("m1", 1, 2 * BTC, 60_000)], "test")
    loan = drawn(lend(), on=date(2025, 7, 2))
    happen(loan, Happening("p", Kind.PLEDGE, date(2025, 7, 2), 2, sat=2 * BTC, wallet="hot"), "test")

    happen(loan, Happening("k", Kind.REPAY_IN_COINS, date(2025, 7, 5), 1, sat=BTC, price_usd=D(90_000)), "test")

    coins = queries.coins(datetime(2025, 7, 6, tzinfo=UTC))
    assert (coins.pledged_sat["A"], coins.free_sat) == (BTC, 0)
    assert owed() == {"Liabilities:Loan:A": D("-10000.00")}
    assert queries.gain_of("k/2")[0].basis_usd == D("30000.00")
    assert list(check.faults()) == []


def test_a_liquidation_is_such_a_sale_and_a_call_moves_nothing():
    post([mined("m1", 1, 2 * BTC, 60_000)], "test")
    loan = drawn(lend(), on=date(2025, 7, 2))
    happen(loan, Happening("p", Kind.PLEDGE, date(2025, 7, 2), 2, sat=2 * BTC, wallet="hot"), "test")
    happen(loan, Happening("c", Kind.CALL, date(2025, 7, 3), sat=BTC), "test")
    happen(loan, Happening("l", Kind.LIQUIDATION, date(2025, 7, 4), sat=2 * BTC, price_usd=D(50_000)), "test")

    period = rollforward(loan, date(2025, 7, 1), date(2025, 7, 31))

    assert (period.drawn_usd, period.kept_usd, period.interest_usd) == (D("100000.00"), D("100000.00"), D("0.00"))
    # Two nights were run up before it; their bill is not posted yet.
    assert (period.closing_usd, period.by_course_usd, period.ties) == (D("0.00"), D("20.00"), False)
    post_due(loan, date(2025, 8, 1))
    assert rollforward(loan, date(2025, 7, 1), date(2025, 7, 31)).ties


def test_the_schedule_says_what_is_posted_due_and_expected():
    loan = drawn(lend())
    post_due(loan, date(2025, 8, 1))

    lines = schedule(loan, date(2025, 9, 10), ahead=2)

    assert [(f"{one.last:%m}", one.interest_usd, one.word) for one in lines] == [
        ("07", D("310.00"), "posted"), ("08", D("310.00"), "to be posted"), ("09", D("300.00"), "expected"),
        ("10", D("310.00"), "expected"),
    ]  # fmt: skip


def test_thirty_days_a_month():
    thirty = DayCount.E30_360
    nights = [date(2024, 1, 1) + timedelta(days=n) for n in range(366)]

    assert sum(thirty.share_of_year(night) for night in nights) == 1
    assert sum(thirty.share_of_year(night) for night in nights if night.month == 2) * 12 == 1
    assert thirty.share_of_year(date(2025, 1, 30)) == 0


# An oracle that knows nothing of courses: it walks the nights of one loan in cents and fractions of its own.

DAYS = st.integers(0, 120)
events = st.lists(
    st.one_of(
        st.tuples(st.just("draw"), DAYS, st.integers(1, 10**8)),
        st.tuples(st.just("repay"), DAYS, st.integers(1, 10**8)),
        st.tuples(st.just("rate"), DAYS, st.integers(0, 200_000)),
    ),
    max_size=6,
)


def oracle(began, told, count, capitalised, until):
    """Cents owed, and cents of interest by month, walked night by night with integers over one denominator."""
    year = {"ACT/360": 360, "ACT/365F": 365}[count]
    principal, billed, over, accrued, rate = 10_000_00, 0, 0, 0, 36_500
    interest, day = {}, began
    told = sorted(enumerate(told), key=lambda one: (one[1][1], one[0]))
    while day < until:
        for _, (kind, on, amount) in told:
            if began + timedelta(days=on) != day:
                continue
            if kind == "draw":
                principal += amount
            elif kind == "rate":
                rate = amount
            else:
                to_bill = min(amount, billed)
                to_principal = min(amount - to_bill, principal)
                billed, principal = billed - to_bill, principal - to_principal
                over += amount - to_bill - to_principal
        accrued += principal * rate
        day += timedelta(days=1)
        if day.day == 1:
            cents = (2 * accrued + 10**6 * year) // (2 * 10**6 * year)
            accrued, interest[day - timedelta(days=1)] = 0, cents
            principal, billed = (principal + cents, billed) if capitalised else (principal, billed + cents)
    return principal + billed - over, interest


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(told=events, order=st.randoms(use_true_random=False), capitalised=st.booleans(), count=st.sampled_from(
    ["ACT/360", "ACT/365F"]), stops=st.lists(st.integers(1, 5), max_size=4))  # fmt: skip
def test_however_facts_and_postings_interleave_the_books_end_as_the_oracle_says(told, order, capitalised, count, stops):
    began, code = date(2025, 1, 15), f"O{Loan.objects.count()}"
    loan = lend(code, day_count=count, interest="capitalised_monthly" if capitalised else "paid_monthly")
    drawn(loan, "10000.00", began)
    late = [
        Happening(f"{code}-{n}", Kind(kind), began + timedelta(days=on), 10 + n,
                  usd=D(amount) / 100 if kind != "rate" else D(0), rate=D(amount) / 10**6 if kind == "rate" else None)
        for n, (kind, on, amount) in enumerate(told)
    ]  # fmt: skip
    order.shuffle(late)

    for n, one in enumerate(late):
        happen(loan, one, "test")
        happen(loan, one, "test")
        if n in stops:
            post_due(loan, began + timedelta(days=27 * n))
    end = date(2025, 6, 1)
    post_due(loan, end)
    post_due(loan, end)

    wanted, interest = oracle(began, told, count, capitalised, end)
    assert {last: one.usd for last, one in posted(loan).items() if one.usd} == {
        last: D(cents) / 100 for last, cents in interest.items() if cents
    }
    period = rollforward(loan, date(2025, 1, 1), end - timedelta(days=1))
    assert (period.closing_usd, period.ties) == (D(wanted) / 100, True)
