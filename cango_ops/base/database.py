"""How a database that is away shows itself in code, and in which words that is said."""

from typing import Final

from django.db import InterfaceError, InternalError, OperationalError
from psycopg.errors import DeadlockDetected, IdleInTransactionSessionTimeout, QueryCanceled, TransactionTimeout

# Cannot connect, connection lost, no free connection in time, out of resources, statement took too long.
AWAY: Final = (OperationalError, InterfaceError)
# The server ended a connection that stood still within a transaction; psycopg counts that among faults of its own.
ENDED: Final = (IdleInTransactionSessionTimeout, TransactionTimeout)

TOO_SLOW: Final = "The database took too long to answer."
UNREACHABLE: Final = "The database cannot be reached."


def is_away(error: BaseException) -> bool:
    """True where a statement met no database, met one too busy, or a connection that the server had ended."""
    return isinstance(error, AWAY) or (isinstance(error, InternalError) and isinstance(error.__cause__, ENDED))


def is_unreachable(error: BaseException) -> bool:
    """True where the database as a whole is away, not one statement that it gave up."""
    return isinstance(error, AWAY) and not isinstance(error.__cause__, (QueryCanceled, DeadlockDetected))


def in_words(error: BaseException) -> str:
    """One sentence for a person, without a name, an address or a statement in it."""
    return UNREACHABLE if is_unreachable(error) else TOO_SLOW
