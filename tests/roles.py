"""Two roles of PostgreSQL in a test: the owner, as which tests usually run, and a console's role beside it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import ProgrammingError, connection

from cango_ops.base import rights

SECRET = "only-for-tests"


@contextmanager
def second_role() -> Iterator[str]:
    """The name of a role that has the rights of a console's, for as long as the context lasts."""
    role = f"cango_test_app_{os.getpid()}"
    with connection.cursor() as cursor:
        try:
            cursor.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{SECRET}'")
        except ProgrammingError:
            pytest.skip("the user of CANGO_TEST_DATABASE_URL may not make roles")
    try:
        rights.settle(role)
        yield role
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


@contextmanager
def acting_as(role: str) -> Iterator[None]:
    """Django's connection acts as the role, not only with its rights but as if it had signed in."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET SESSION AUTHORIZATION {role}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET SESSION AUTHORIZATION")


def signed_in(role: str) -> psycopg.Connection:
    """A connection of the role's own, as somebody would have who found out how the console signs in."""
    words = connection.get_connection_params()
    words.pop("pool", None)
    words.pop("cursor_factory", None)
    return psycopg.connect(**words | {"user": role, "password": SECRET, "autocommit": True})
