"""With a role of its own, the console cannot take away what guards a closed month, nor can who signs in as it."""

import hashlib
import time
from datetime import UTC, datetime

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from cango_ops.base import audit, clock, rights
from compute.telemetry import history, partitions, sealing, sitemap
from tests.compute.telemetry.sweeps import moment, sweep
from tests.roles import acting_as, second_role, signed_in
from tests.treasury.closing.test_attacks import STATEMENTS, state_of_the_books
from tests.treasury.closing.test_edges import OTHER_WAYS
from tests.treasury.closing.worlds import close_october, forget_months, mined_on, people
from tests.treasury.reports.test_publish import release
from tests.treasury.reports.worlds import draft_of
from tests.worlds import make_world
from treasury.books.post import post
from treasury.reports import published

# Every way to a guard that is not a plain change of rows. {owner}: whose the tables are.
WAYS = (
    "ALTER TABLE treasury_journalentry DISABLE TRIGGER ALL",
    "ALTER TABLE treasury_journalentry DISABLE TRIGGER treasury_journalentry_append_only",
    "DROP TRIGGER treasury_journalentry_open_month ON treasury_journalentry",
    "DROP TABLE treasury_closedmonth CASCADE",
    "ALTER TABLE treasury_closedmonth RENAME TO gone",
    "ALTER TABLE treasury_report DROP COLUMN sha256",
    "TRUNCATE treasury_closedmonth",
    "TRUNCATE base_auditevent",
    "CREATE TABLE mine (x int)",
    "CREATE TEMPORARY TABLE treasury_closedmonth (month date, reopened_at timestamptz)",
    "CREATE SCHEMA mine",
    "CREATE VIEW treasury_mine AS SELECT 1",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE OR REPLACE FUNCTION treasury_refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "ALTER FUNCTION treasury_refuse_change() RENAME TO gone",
    "DROP FUNCTION treasury_refuse_change() CASCADE",
    "CREATE RULE lost AS ON INSERT TO treasury_journalentry DO INSTEAD NOTHING",
    "CREATE TRIGGER mine BEFORE INSERT ON treasury_posting FOR EACH ROW EXECUTE FUNCTION treasury_refuse_change()",
    "CREATE POLICY mine ON treasury_report",
    "SET session_replication_role = replica",
    "SELECT set_config('session_replication_role', 'replica', false)",
    "ALTER ROLE CURRENT_USER SET session_replication_role = replica",
    "ALTER DATABASE {database} SET session_replication_role = replica",
    "ALTER SYSTEM SET session_replication_role = replica",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "ALTER TABLE treasury_report OWNER TO CURRENT_USER",
    "SET ROLE {owner}",
    "SET SESSION AUTHORIZATION {owner}",
    "GRANT {owner} TO CURRENT_USER",
    "REASSIGN OWNED BY {owner} TO CURRENT_USER",
    "CREATE ROLE mine SUPERUSER",
    "CREATE DATABASE mine",
    "UPDATE pg_trigger SET tgenabled = 'D'",
    "DELETE FROM pg_trigger",
    "UPDATE base_auditevent SET actor = 'nobody'",
    "DELETE FROM base_auditevent",
    "UPDATE django_migrations SET name = 'x'",
    "COPY treasury_report TO PROGRAM 'cat'",
    "COPY treasury_closedmonth FROM '/etc/passwd'",
    "SELECT pg_read_file('PG_VERSION')",
    "SELECT lo_export(1, '/tmp/x')",
    "SELECT setval('treasury_report_id_seq', 1)",
    "SELECT telemetry_drop_partition('treasury_report')",
    "SELECT telemetry_make_partition('treasury_report', now())",
    "DO $$ BEGIN EXECUTE 'ALTER TABLE treasury_posting DISABLE TRIGGER ALL'; END $$",
)
# May not; a law of ours refused it; no such telemetry table; a catalogue is not for that.
REFUSALS = ("42501", "23001", "23514", "P0001", "P0002", "42809")


@pytest.fixture
def role(transactional_db):
    with second_role() as name:
        yield name


def everything_that_guards() -> str:
    """A hash of the triggers, functions and rights of the schema."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT string_agg(tgrelid::regclass || tgname || tgenabled::text, ',' ORDER BY tgrelid, tgname) "
            "FROM pg_trigger), (SELECT string_agg(proname || prosrc || proowner, ',' ORDER BY oid) FROM pg_proc "
            "WHERE pronamespace = current_schema()::regnamespace), (SELECT string_agg(relname || relowner || "
            "coalesce(relacl::text, ''), ',' ORDER BY oid) FROM pg_class "
            "WHERE relnamespace = current_schema()::regnamespace)"
        )
        return hashlib.sha256(str(cursor.fetchone()).encode()).hexdigest()


def refusal(database: psycopg.Connection, statement: str) -> str | None:
    """The number by which the server refused it; None where it did not."""
    try:
        database.execute(statement)
    except psycopg.Error as error:
        return error.sqlstate
    return None


def test_the_consoles_role_closes_a_month_and_publishes_it_but_opens_no_way_back(role):
    try:
        with acting_as(role):
            cast = people()
            post([mined_on(day, sat=10**8) for day in (1, 2, 31)], "test")
            close_october(cast["ted"])
            release(draft_of(published.material("2025-10"), cast["ines"]), cast)
            audit.record("tests", "looked", "books")
        books, guards = state_of_the_books(), everything_that_guards()
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user, current_database()")
            owner, database = cursor.fetchone()
        ways = [way.replace("{owner}", owner).replace("{database}", database) for way in WAYS]
        with signed_in(role) as stranger:
            found = {way: refusal(stranger, way) for way in (*ways, *STATEMENTS, *OTHER_WAYS)}

        assert {way: number for way, number in found.items() if number not in REFUSALS} == {}
        assert (state_of_the_books(), everything_that_guards()) == (books, guards)
    finally:
        forget_months()


def test_the_consoles_role_lacks_nothing_for_its_telemetry(role):
    """It writes into partitions that are not there yet, rolls up, seals, makes the next days' and drops old ones."""
    sitemap.forget()
    now = int(time.time()) // 3600 * 3600 - 7200
    old = datetime(2025, 3, 1, tzinfo=UTC)
    partitions.ensure([partitions.HOT], [old])
    with acting_as(role):
        world = make_world()
        sweep(world.c1, now, [200, 200, 200, 200])
        history.roll_up()
        sealing.seal_hours(moment(now + 7200))
        kept = partitions.keep(clock.now())

        assert "telemetry_hot_p20250301" in kept.dropped
        assert kept.waiting == []


def test_what_the_console_may_too_much_is_said_in_words(role):
    with signed_in(role) as console:
        assert rights.too_much(console) == ""
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT TRUNCATE ON treasury_report TO {role}")
    with signed_in(role) as console:
        assert rights.too_much(console) == "may empty tables"
    assert rights.too_much(connection.connection) == "is a superuser"


@pytest.mark.django_db
def test_a_temporary_table_of_the_same_name_hides_no_closed_month_even_from_the_owner():
    close_october(people()["ted"])
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE treasury_closedmonth (LIKE public.treasury_closedmonth)")
        with pytest.raises(DatabaseError, match="is dated in a closed month"), transaction.atomic():
            cursor.execute(
                "INSERT INTO public.treasury_journalentry (source_id, kind, at, seq, actor, digest, evidence) "
                "VALUES ('x', 'mined', '2025-10-20Z', 0, 'x', 'x', '{}')"
            )
