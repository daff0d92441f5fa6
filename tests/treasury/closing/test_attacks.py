"""A closed month is attacked by every way there is: pages, REST, files, SQL, and a race. It stays as it was closed."""

import hashlib
import threading
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.urls import get_resolver

from cango_ops.wire import Garbled
from tests.base.threads import in_threads
from tests.treasury.closing.worlds import OCTOBER, close_october, explain_all, forget_months, mined_on, people
from tests.treasury.reports.test_publish import release
from tests.treasury.reports.worlds import draft_of
from tests.treasury.web.worlds import TERMS
from tests.web.api_routes import under_api
from tests.web.callers import by_key, by_session, key_of
from treasury.books import check
from treasury.books.post import post
from treasury.closing.close import Refused, close, explain
from treasury.earnings.span import Month
from treasury.lending.course import Kind
from treasury.loans.happen import Happening, happen
from treasury.models import ClosedMonth, JournalEntry, Loan, LoanEvent
from treasury.reports import published

WRITING = ("post", "put", "patch", "delete")
TABLES = (
    "treasury_journalentry", "treasury_posting", "treasury_account", "treasury_loanevent", "treasury_closedmonth",
    "treasury_explanation", "treasury_report", "treasury_reportfile", "treasury_reportapproval",
)  # fmt: skip
STATE = "SELECT coalesce(string_agg(t::text, '' ORDER BY t::text), '') FROM {} AS t"


def state_of_the_books() -> dict[str, str]:
    """A hash of every row of every table that a closed month stands on."""
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(STATE.format(table))
            found[table] = hashlib.sha256(str(cursor.fetchone()[0]).encode()).hexdigest()
    return found


@pytest.fixture
def cast():
    return people()


@pytest.fixture
def closed_october(cast):
    """Three payouts of October, closed; its report published."""
    post([mined_on(day, sat=10**8) for day in (1, 2, 31)], "test")
    close_october(cast["ted"])
    release(draft_of(published.material("2025-10"), cast["ines"]), cast)
    # As after a commit: nothing waits to be checked at the end of the transaction.
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    return state_of_the_books()


@pytest.mark.django_db
def test_there_is_no_admin_through_which_a_row_could_be_edited(cast, closed_october):
    cast["ted"].is_staff = cast["ted"].is_superuser = True
    cast["ted"].save()

    assert not apps.is_installed("django.contrib.admin")
    for address in ("/admin/", "/admin/treasury/journalentry/", "/django-admin/"):
        assert by_session(cast["ted"]).get(address).status_code == 404


@pytest.mark.django_db
def test_no_route_of_the_api_writes_into_the_books(cast, closed_october):
    key = key_of(cast["ted"], scopes=("read", "write"))
    routes = [route for route in under_api(get_resolver().url_patterns, "") if "treasury" in str(route.pattern)]
    assert len(routes) > 8

    for route in routes:
        pattern = str(route.pattern)
        address = "/api/v1/" + pattern.replace("<slug:month>", "2025-10").replace("<str:code>", "x")
        if "<" in address:
            continue
        for client in (by_session(cast["ted"]), by_key(key)):
            for method in WRITING:
                answer = getattr(client, method)(address, {"month": "2025-10"}, content_type="application/json")
                assert answer.status_code in (400, 403, 404, 405, 409, 422), (method, address, answer.content)
    assert state_of_the_books() == closed_october


@pytest.mark.django_db
@pytest.mark.parametrize("deed", ["close", "explain", "freeze", "publish", "withdraw", "approve", "embargo", "settle"])
def test_no_deed_of_the_page_changes_the_month_or_its_release(cast, closed_october, deed):
    before = closed_october | {"treasury_reportapproval": state_of_the_books()["treasury_reportapproval"]}
    words = {"version": "1", "line": "nonsense", "words": "we want it otherwise", "release_at": "2030-01-01T00:00"}

    for name in ("ted", "tia", "ines", "ian", "vic"):
        by_session(cast[name]).post(f"/treasury/reports/2025-10/do/{deed}/", words)

    assert state_of_the_books() == before


@pytest.mark.django_db
def test_a_file_of_facts_of_the_month_posts_nothing(cast, closed_october, tmp_path, capsys):
    file = tmp_path / "facts.csv"
    file.write_text(
        "source,type,at,wallet,lot,sat,cost_usd\nlate,mined,2025-10-15T00:00:00Z,cold,late,100000000,1.00\n"
    )

    call_command("ledger_import", str(file))

    assert "refused late: the books are closed before 2025-11-01" in capsys.readouterr().out
    assert state_of_the_books() == closed_october


@pytest.mark.django_db
def test_a_loan_gets_no_event_in_the_month(cast, closed_october):
    loan = Loan.objects.create(code="A", lender="Antalpha", **TERMS)

    with pytest.raises(Garbled, match="the books are closed before 2025-11-01"), transaction.atomic():
        happen(loan, Happening("late", Kind.DRAW, OCTOBER.replace(day=3), usd=Decimal(1)), "test")

    assert state_of_the_books() == closed_october


@pytest.mark.django_db
def test_the_terms_that_a_month_was_closed_with_stay_and_the_rest_may_be_corrected(cast):
    loan, later = (Loan.objects.create(code=code, lender="Antalpha", **TERMS) for code in "AB")
    happen(loan, Happening("draw", Kind.DRAW, OCTOBER.replace(day=3), usd=Decimal(1000)), "test")
    Loan.objects.filter(pk=loan.pk).update(margin_ltv=Decimal("0.85"))
    explain(OCTOBER, "interest", "billed by the lender in November", cast["ted"])
    close_october(cast["ted"])
    others = {
        "rate": "0.01", "day_count": "ACT/ACT", "interest": "capitalised_monthly", "initial_ltv": "0.5",
        "margin_ltv": "0.9", "liquidation_ltv": None, "trigger": "gte", "call_price_ratio": "0.7", "currency": "USDT",
        "code": "C", "keeps_coins_on_books": True,
    }  # fmt: skip
    for name, value in others.items():
        assert str(getattr(Loan.objects.get(pk=loan.pk), name)) != str(value), name
        with pytest.raises(DatabaseError, match="terms of loan A stand in a closed month"), transaction.atomic():
            Loan.objects.filter(pk=loan.pk).update(**{name: value})

    assert Loan.objects.filter(pk=loan.pk).update(lender="Antalpha Digital", ends_on=OCTOBER) == 1
    assert Loan.objects.filter(pk=later.pk).update(rate=Decimal("0.01")) == 1


# restrict_violation, check_violation, raise_exception: a law refused it, and not a slip in the statement.
LAWS = ("23001", "23514", "P0001")
STATEMENTS = (
    # Rows of the month itself.
    "UPDATE treasury_journalentry SET at = at + interval '1 hour'",
    "DELETE FROM treasury_journalentry",
    "UPDATE treasury_posting SET amount_sat = amount_sat + 1",
    "DELETE FROM treasury_posting",
    "TRUNCATE treasury_journalentry CASCADE",
    "TRUNCATE treasury_posting, treasury_lotuse, treasury_lot CASCADE",
    # A row more.
    "INSERT INTO treasury_journalentry (source_id, kind, at, seq, actor, digest, evidence) "
    "VALUES ('x', 'mined', '2025-10-20Z', 0, 'x', 'x', '{}')",
    "INSERT INTO treasury_posting (entry_id, account_id, currency, amount, amount_sat) "
    "SELECT id, (SELECT min(id) FROM treasury_account), 'USD', 1, 0 FROM treasury_journalentry LIMIT 1",
    'INSERT INTO treasury_loanevent (loan_id, source_id, kind, "on", seq, sat, usd, actor, recorded_at) '
    "VALUES (1, 'x', 'draw', '2025-10-20', 0, 0, 1, 'x', now())",
    # The lock.
    "UPDATE treasury_closedmonth SET month = '2024-01-01'",
    "UPDATE treasury_closedmonth SET reopened_at = now()",
    "UPDATE treasury_closedmonth SET reopen_asked_by_id = 7, reopened_by_id = 7, reopened_at = now()",
    "DELETE FROM treasury_closedmonth",
    "TRUNCATE treasury_closedmonth",
    "TRUNCATE treasury_explanation",
    # The release.
    "UPDATE treasury_report SET snapshot = 'x', sha256 = 'x'",
    "UPDATE treasury_report SET state = 'draft'",
    "UPDATE treasury_report SET published_at = now()",
    "DELETE FROM treasury_reportapproval",
    "TRUNCATE treasury_report CASCADE",
    "TRUNCATE treasury_reportfile",
    "TRUNCATE treasury_reportread",
)


@pytest.mark.django_db
@pytest.mark.parametrize("statement", STATEMENTS)
def test_plain_sql_of_the_applications_role_changes_nothing(cast, closed_october, statement):
    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        connection.cursor().execute(statement)

    assert refusal.value.__cause__.sqlstate in LAWS, refusal.value
    assert state_of_the_books() == closed_october


@pytest.mark.django_db(transaction=True)
def test_who_posts_and_who_closes_at_the_same_time_do_not_pass_each_other():
    """Either a payout is there when the month is closed, or it is refused; none comes in behind the lock."""
    cast = people()
    explain_all(OCTOBER, cast["ted"])
    places, lock, kept = iter(range(8)), threading.Lock(), []

    def work():
        with lock:
            place = next(places)
        if place == 4:
            close(OCTOBER, cast["ted"])
            with lock:
                kept.append(JournalEntry.objects.count())
            return "closed"
        try:
            return "posted" if post([mined_on(place + 1)], "test").posted else "refused"
        except DatabaseError as why:
            return "refused" if "closed month" in str(why) else str(why)

    try:
        told = in_threads(8, work)

        assert set(told) <= {"closed", "posted", "refused"}
        assert told.count("closed") == 1
        assert JournalEntry.objects.count() == told.count("posted") == kept[0]
        assert list(check.faults()) == []
        assert post([mined_on(20)], "test").refused
    finally:
        forget_months()


@pytest.mark.django_db(transaction=True)
def test_two_who_close_at_once_close_once():
    cast = people()
    explain_all(OCTOBER, cast["ted"])

    def work():
        try:
            close(OCTOBER, cast["ted"])
        except (Refused, DatabaseError):
            return "refused"
        return "closed"

    try:
        assert sorted(in_threads(4, work)) == ["closed", "refused", "refused", "refused"]
        assert ClosedMonth.objects.count() == 1
    finally:
        forget_months()


@pytest.mark.django_db
def test_what_comes_late_is_booked_in_an_open_month_and_the_closed_one_stays(cast, closed_october):
    before = JournalEntry.objects.filter(at__lt=Month(OCTOBER).end_at).count()

    assert post([mined_on(1, month=11)], "test").posted == ["m11-1"]

    assert JournalEntry.objects.filter(at__lt=datetime(2025, 11, 1, tzinfo=UTC)).count() == before
    assert not LoanEvent.objects.exists()
