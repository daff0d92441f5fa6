"""Statements with binary parameters and results, prepared once a connection.

Django's cursor writes bytes into the statement as hexadecimal text, twice their size, to be parsed again for every row;
frames go over the same connection, in the same transaction, as they are.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import psycopg
from django.db import connection

Rows = list[tuple[Any, ...]]


class Statements:
    """Runs statements on one cursor. Errors are Django's, and a test that counts queries sees them."""

    def __init__(self, cursor: psycopg.Cursor) -> None:
        self.cursor = cursor

    def run(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Executes; returns the number of rows it touched."""
        with self.noted(statement):
            self.cursor.execute(statement, values, prepare=True)
        return self.cursor.rowcount

    def copy(self, statement: str, types: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        with self.noted(statement), self.cursor.copy(statement) as copy:
            copy.set_types(types)
            for row in rows:
                copy.write_row(row)

    @contextmanager
    def noted(self, statement: str) -> Iterator[None]:
        started = time.monotonic()
        with connection.wrap_database_errors:
            yield
        if connection.queries_logged:
            connection.queries_log.append({"sql": statement, "time": f"{time.monotonic() - started:.3f}"})

    def rows(self, statement: str, values: Sequence[Any] = ()) -> Rows:
        self.run(statement, values)
        with connection.wrap_database_errors:
            return self.cursor.fetchall()


@contextmanager
def statements() -> Iterator[Statements]:
    """On Django's own connection and in its transaction, if one is open."""
    connection.ensure_connection()
    with psycopg.Cursor(cast(psycopg.Connection, connection.connection)) as cursor:
        cursor.format = psycopg.pq.Format.BINARY
        yield Statements(cursor)
