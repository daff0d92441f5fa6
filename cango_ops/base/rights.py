"""Two roles of PostgreSQL: one owns the tables and migrates, the other is the console's and may only use them.

Whoever owns a table may take its guards away; that is why the console should not (docs/decisions/0022).
Source: PostgreSQL's manual, chapters "Privileges" and "Function Security".
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from psycopg import sql

# Guards look tables up in the console's schema alone: a temporary table of the same name would else be asked instead.
FIX_SEARCH_PATH: Final = """
DO $$ DECLARE
    one record;
BEGIN
    FOR one IN SELECT oid::regprocedure AS name FROM pg_proc
        WHERE pronamespace = current_schema()::regnamespace AND pg_has_role(proowner, 'USAGE')
          AND (prosecdef OR prorettype = 'trigger'::regtype)
          AND NOT EXISTS (SELECT FROM unnest(proconfig) AS word WHERE starts_with(word, 'search_path='))
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', one.name, current_schema());
    END LOOP;
END $$
"""
GRANTS: Final = """
REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC, {role};
REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {role};
REVOKE TRUNCATE, TRIGGER, REFERENCES ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC, {role};
GRANT CONNECT ON DATABASE {database} TO {role};
GRANT USAGE ON SCHEMA {schema} TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role};
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {role};
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role};
"""
# Tables all of whose changes (bit 16 of tgtype) or removals (bit 8) a guard refuses: the right to try goes, too.
REFUSED: Final = """
SELECT tgrelid::regclass::text, tgtype & 16 <> 0, tgtype & 8 <> 0 FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
WHERE proname IN ('treasury_refuse_change', 'base_auditevent_refuse') AND tgqual IS NULL AND tgattr = ''::int2vector
"""
TOO_MUCH: Final = """
SELECT CASE
    WHEN (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN 'is a superuser'
    WHEN EXISTS (SELECT FROM pg_class
                 WHERE relnamespace = current_schema()::regnamespace AND pg_has_role(relowner, 'USAGE'))
        THEN 'owns tables'
    WHEN has_schema_privilege(current_schema(), 'CREATE') THEN 'may make tables'
    WHEN EXISTS (SELECT FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
                 AND has_table_privilege(oid, 'TRUNCATE, TRIGGER')) THEN 'may empty tables'
    WHEN has_parameter_privilege('session_replication_role', 'SET') THEN 'may switch triggers off'
    WHEN has_database_privilege(current_database(), 'TEMPORARY') THEN 'may make temporary tables'
    ELSE '' END
"""


def too_much(database: Any) -> str:
    """What the role of this psycopg connection could do against the guards of the books, or nothing."""
    return str(database.execute(TOO_MUCH).fetchone()[0])


@contextmanager
def as_owner() -> Iterator[None]:
    """The default connection is the owner's, without the limits of a request; the console's own where none is set."""
    if settings.DATABASE_OWNER is None:
        yield
        return
    console = connections[DEFAULT_DB_ALIAS]
    console.close()
    owner = type(console)({**console.settings_dict, **settings.DATABASE_OWNER}, DEFAULT_DB_ALIAS)
    connections[DEFAULT_DB_ALIAS] = owner
    try:
        yield
    finally:
        owner.close()
        connections[DEFAULT_DB_ALIAS] = console


def settle(role: str | None) -> None:
    """Fixes where guards look, and gives the console's role what it needs and no more. None: the owner is it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FIX_SEARCH_PATH)
        if role is None:
            return
        cursor.execute("SELECT current_database(), current_schema()")
        database, schema = cursor.fetchone()
        names = {"database": database, "schema": schema, "role": role}
        cursor.execute(sql.SQL(GRANTS).format(**{name: sql.Identifier(word) for name, word in names.items()}))
        cursor.execute(REFUSED)
        for table, changes, removals in cursor.fetchall():
            rights = ["UPDATE"] * changes + ["DELETE"] * removals
            cursor.execute(
                sql.SQL("REVOKE {} ON {} FROM {}").format(
                    sql.SQL(", ").join(map(sql.SQL, rights)), sql.SQL(table), sql.Identifier(role)
                )
            )
