"""A closed month at its edges: midnight in other zones, rows by COPY or MERGE, and what is changed around it."""

import hashlib
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from compute.models import Rollup
from sites.models import Operator, Site
from tests.treasury.closing.test_attacks import LAWS, state_of_the_books
from tests.treasury.closing.worlds import OCTOBER, close_october, have_texts, mined_on, people
from tests.treasury.reports.test_gather import book_two_months, mined, observe
from tests.treasury.reports.test_publish import release
from tests.treasury.reports.worlds import draft_of
from tests.worlds import make_world
from treasury.books.post import post
from treasury.closing.close import Refused
from treasury.models import PriceMark, Report
from treasury.reports.gather import gathered

pytestmark = pytest.mark.django_db

ENTRY = (
    "INSERT INTO treasury_journalentry (source_id, kind, at, seq, actor, digest, evidence) "
    "VALUES ('x', 'mined', '{at}', 0, 'x', 'x', '{{}}')"
)
COLUMNS = "(source_id, kind, at, seq, actor, digest, evidence)"
# The last instant of October, and the first of November, in UTC.
INSIDE = (
    "2025-10-31 23:59:59.999999Z", "2025-10-31 18:59:59.999-05", "2025-11-01 00:00:00+01",
    "2025-11-01 13:59:59.999+14", "2025-10-31 11:59:59-12",
)  # fmt: skip
OUTSIDE = ("2025-11-01 00:00:00Z", "2025-10-31 19:00:00-05", "2025-11-01 14:00:00+14")


@pytest.fixture
def cast():
    return people()


@pytest.fixture
def closed(cast):
    post([mined_on(day, sat=10**8) for day in (1, 2, 31)], "test")
    close_october(cast["ted"])
    settle()
    return state_of_the_books()


def settle():
    """As after a commit: nothing waits to be checked at the end of the transaction."""
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def tried(statement, *before):
    """The number by which the server refused it; None where it took it. Undone afterwards."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            for one in before:
                cursor.execute(one)
            cursor.execute(statement)
            transaction.set_rollback(True)
    except DatabaseError as why:
        return why.__cause__.sqlstate
    return None


@pytest.mark.parametrize("zone", ["UTC", "America/Chicago", "Pacific/Kiritimati"])
def test_the_edge_of_the_month_is_utc_midnight_whatever_zone_the_connection_speaks(closed, zone):
    for at in INSIDE:
        assert tried(ENTRY.format(at=at), f"SET LOCAL TIME ZONE '{zone}'") in LAWS, at
    for at in OUTSIDE:
        assert tried(ENTRY.format(at=at), f"SET LOCAL TIME ZONE '{zone}'") is None, at
    assert state_of_the_books() == closed


def test_an_instant_that_the_connections_zone_would_move_into_the_month_stays_outside(closed):
    """20:00 in Chicago on October 31 is November 1 in UTC; 18:59:59 is not."""
    chicago = "SET LOCAL TIME ZONE 'America/Chicago'"

    assert tried(ENTRY.format(at="2025-10-31 20:00:00"), chicago) is None
    assert tried(ENTRY.format(at="2025-10-31 18:59:59"), chicago) in LAWS


def test_rows_that_come_by_copy_are_judged_like_others(closed):
    rows = "n1\tmined\t2025-11-05Z\t0\tx\tx\t{}\nx\tmined\t2025-10-20Z\t0\tx\tx\t{}\n"

    with pytest.raises(psycopg.Error) as refusal, transaction.atomic():
        copied(rows)

    assert refusal.value.sqlstate in LAWS
    assert state_of_the_books() == closed


def copied(rows):
    with connection.cursor() as cursor, cursor.copy(f"COPY treasury_journalentry {COLUMNS} FROM STDIN") as copy:
        copy.write(rows)


OTHER_WAYS = (
    "MERGE INTO treasury_journalentry AS t USING (SELECT 'm10-1' AS s) AS n ON t.source_id = n.s "
    "WHEN MATCHED THEN UPDATE SET at = '2025-11-02Z'",
    "MERGE INTO treasury_journalentry AS t USING (SELECT 'm10-1' AS s) AS n ON t.source_id = n.s "
    "WHEN MATCHED THEN DELETE",
    "INSERT INTO treasury_journalentry (source_id, kind, at, seq, actor, digest, evidence) "
    "SELECT source_id, kind, '2025-11-02Z', seq, actor, digest, evidence FROM treasury_journalentry LIMIT 1 "
    "ON CONFLICT (source_id) DO UPDATE SET at = excluded.at",
    "WITH gone AS (DELETE FROM treasury_posting RETURNING *) SELECT count(*) FROM gone",
    "WITH moved AS (UPDATE treasury_journalentry SET at = '2025-11-02Z' RETURNING id) SELECT count(*) FROM moved",
    "UPDATE treasury_account SET code = code || 'x'",
    "DELETE FROM treasury_account",
    "UPDATE treasury_dayturnover SET amount_sat = amount_sat + 1",
    "UPDATE treasury_monthturnover SET amount_sat = amount_sat + 1",
    "DELETE FROM treasury_monthturnover",
    "INSERT INTO treasury_monthturnover (account_id, currency, month, amount_sat, amount) "
    "SELECT min(id), 'USD', '2020-01-01', 0, 1 FROM treasury_account",
    "TRUNCATE treasury_dayturnover",
    "TRUNCATE treasury_pricemark",
    "TRUNCATE treasury_lotuse",
    "UPDATE treasury_lot SET sat = sat + 1",
    "INSERT INTO treasury_pricemark (source, at, price_usd, recorded_at, actor) "
    "VALUES ('x', '2025-10-31 23:59:59.999Z', 1, '2099-01-01Z', '')",
    "UPDATE treasury_pricemark SET price_usd = 1",
    "DELETE FROM treasury_pricemark",
)


@pytest.mark.parametrize("statement", OTHER_WAYS)
def test_no_other_statement_reaches_the_month(closed, statement):
    if "pricemark" in statement:
        at = datetime(2025, 11, 2, tzinfo=UTC)
        PriceMark.objects.create(source="kraken", at=at, price_usd=110_000)

    assert tried(statement) in LAWS
    assert state_of_the_books() == closed


def test_constraints_put_off_to_the_end_are_still_kept(closed):
    """A posting more of an entry of the month, judged only at the commit."""
    posting = (
        "INSERT INTO treasury_posting (entry_id, account_id, currency, amount, amount_sat) SELECT id, "
        "(SELECT min(id) FROM treasury_account), 'USD', 1, 0 FROM treasury_journalentry LIMIT 1"
    )

    assert tried("SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL DEFERRED", posting) in LAWS
    assert state_of_the_books() == closed


# What stands around a month may change; what was published of it does not, and nothing prints another figure unsaid.

NOVEMBER_1 = datetime(2025, 11, 1, tzinfo=UTC)


def sold_to_a_partner(site):
    partner = Operator.objects.get(code="partner")
    Site.objects.filter(pk=site.pk).update(operator=partner)


def filled_in_late(site):
    observe(site, datetime(2025, 10, 3, tzinfo=UTC), 24, 2e6, 1.9e6)


def rewritten(site):
    Rollup.objects.filter(scope_id=site.pk).update(hashrate_ths=1e6)


def forgotten(site):
    Rollup.objects.filter(scope_id=site.pk).delete()


@pytest.mark.parametrize("change", [sold_to_a_partner, filled_in_late, rewritten, forgotten])
def test_what_changes_around_a_published_month_is_restated_or_refused(cast, change):
    site = make_world().pecos
    book_two_months()
    observe(site, datetime(2025, 10, 1, tzinfo=UTC), 48, 1e6, 0.9e6)
    have_texts(cast)
    close_october(cast["ted"])
    release(draft_of(gathered("2025-10"), cast["ines"]), cast)
    before = published_bytes()

    change(site)
    assert not post([mined("nov", 11, 5, 10**8)], "test").refused

    assert published_bytes() == before
    with pytest.raises(Refused, match="published figures changed and are not restated: 2025-10 "):
        gathered("2025-11")


def test_a_site_that_gets_another_name_leaves_what_was_published_of_it(cast):
    site = make_world().pecos
    book_two_months()
    observe(site, datetime(2025, 10, 1, tzinfo=UTC), 48, 1e6, 0.9e6)
    have_texts(cast)
    close_october(cast["ted"])
    release(draft_of(gathered("2025-10"), cast["ines"]), cast)
    before = published_bytes()

    Site.objects.filter(pk=site.pk).update(code="PECOS2", name="Pecos the second")
    post([mined("nov", 11, 5, 10**8)], "test")

    assert published_bytes() == before
    assert gathered("2025-11").facts["2025-10"]["operating_avg_ehs"].lineage == ("rollups:PECOS2",)


def published_bytes():
    """Hash of the snapshot, and of every document, as the database gives them."""
    report = Report.objects.get(month=OCTOBER)
    files = report.files.order_by("name").values_list("name", "data", "sha256")
    assert all(hashlib.sha256(bytes(data)).hexdigest() == sha256 for _, data, sha256 in files)
    return [(report.state, report.sha256, bytes(report.snapshot)), *((name, bytes(data)) for name, data, _ in files)]


def test_a_month_is_as_long_as_utc_says_where_clocks_change(closed):
    """October 2025 has 31 times 24 hours in UTC, though Europe's has one more."""
    assert tried(ENTRY.format(at="2025-11-01 00:00:00+00")) is None
    assert tried(ENTRY.format(at="2025-11-01 00:59:59 Europe/Paris")) in LAWS
    assert NOVEMBER_1 - datetime(2025, 10, 1, tzinfo=UTC) == timedelta(hours=744)
