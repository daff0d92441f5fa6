"""People who close months and publish reports, and a month whose checklist is settled."""

from datetime import UTC, date, datetime
from decimal import Decimal

from django.db import connection

from sites.models import Role
from tests.treasury.web.worlds import member
from treasury.closing.close import close, explain
from treasury.ledger.facts import Acquired, Origin
from treasury.reports import texts

OCTOBER = date(2025, 10, 1)
EXPLAINED = ("telemetry", "production", "chain", "prices", "loans")


def people():
    """Ted and Tia keep the treasury, Ines and Ian write to investors, Vic only looks at sites."""
    return {
        "ted": member("Ted", Role.TREASURER),
        "tia": member("Tia", Role.TREASURER),
        "ines": member("Ines", Role.INVESTOR_RELATIONS),
        "ian": member("Ian", Role.INVESTOR_RELATIONS),
        "vic": member("Vic", Role.VIEWER),
    }


def mined_on(day, month=10, sat=100):
    name = f"m{month}-{day}"
    at = datetime(2025, month, day, 12, tzinfo=UTC)
    return Acquired(at, 0, name, Origin.MINED, "cold", name, sat, Decimal("1.00"))


def explain_all(month, user):
    for line in EXPLAINED:
        explain(month, line, "checked by hand against the statement", user)


def have_texts(cast):
    """A safe harbour text that two people stand behind."""
    texts.approve(
        texts.write("safe_harbour", "Statements about the future may prove wrong.", cast["ines"]), cast["ted"]
    )


def close_october(user):
    explain_all(OCTOBER, user)
    return close(OCTOBER, user)


def forget_months():
    """For tests that empty the tables after themselves: nothing is closed or published any more. Only the tables'
    owner can do this."""
    with connection.cursor() as cursor:
        for table, change in (
            ("closedmonth", "reopened_at = now(), reopened_by_id = 2, reopen_asked_by_id = 1"),
            ("report", "state = 'withdrawn'"),
        ):
            cursor.execute(f"ALTER TABLE treasury_{table} DISABLE TRIGGER USER")
            cursor.execute(f"UPDATE treasury_{table} SET {change}")
            cursor.execute(f"ALTER TABLE treasury_{table} ENABLE TRIGGER USER")
