"""What time it is, in UTC. Code that decides by time asks here or, where processes must agree, the database."""

from datetime import UTC, datetime

from django.db import connection


def now() -> datetime:
    """This machine's clock."""
    return datetime.now(UTC)


def database_now() -> datetime:
    """The database's clock at this very statement, not at the start of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]
