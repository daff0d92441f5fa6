"""What time it is, in UTC. Code that decides by time asks here or, where processes must agree, the database."""

from datetime import UTC, datetime

from django.db import connection


def now() -> datetime:
    """This machine's clock."""
    return datetime.now(UTC)


def worded(at: datetime) -> str:
    """An instant within a sentence, "4 Nov 2025 13:00 UTC"; pages that have a zone of their own use the tag `clock`."""
    return f"{at.astimezone(UTC):%-d %b %Y %H:%M} UTC"


def database_now() -> datetime:
    """The database's clock at this very statement, not at the start of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]
