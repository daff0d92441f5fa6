from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from cango_ops.base import audit
from cango_ops.base.models import AuditEvent
from tests.base.threads import in_threads
from tests.worlds import make_user

pytestmark = pytest.mark.django_db


def tamper(statement: str) -> None:
    """What an owner of the database can do who switches the trigger off."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE base_auditevent DISABLE TRIGGER base_auditevent_append_only")
        cursor.execute(statement)
        cursor.execute("ALTER TABLE base_auditevent ENABLE TRIGGER base_auditevent_append_only")


def five_events() -> None:
    for number in range(1, 6):
        audit.record("collector", "swept", "site/PECOS", {"number": number})


def test_an_event_says_who_did_what_to_what():
    ada = make_user("Ada")

    event = audit.record(ada, "signed in", "session", {"from": "127.0.0.1"})

    assert (event.sequence, event.actor_id, event.actor) == (1, ada.pk, "ada@example.com")
    assert event.prev_hash == "0" * 64


def test_the_hash_is_that_of_the_written_row():
    event = AuditEvent(
        sequence=1,
        at=datetime(2026, 3, 8, 2, 30, tzinfo=UTC),
        actor="collector", verb="swept", target="site/PECOS", detail={"b": 1, "a": "é"}, prev_hash="0" * 64,
    )  # fmt: skip

    # Worked with sha256sum over 64 zeros and
    # {"actor":"collector","actor_id":null,"at":"2026-03-08T02:30:00+00:00","detail":{"a":"é","b":1},
    # "sequence":1,"target":"site/PECOS","verb":"swept"} (one line, no space).
    assert audit.digest(event) == "a2e9f1dcdf3f43b892859cddcbcb01208f5bd99d1656c8648d21cfe7cb547dfd"


def test_each_event_is_linked_to_the_one_before():
    five_events()

    links = list(AuditEvent.objects.values_list("prev_hash", "hash"))

    assert [prev for prev, _ in links[1:]] == [digest for _, digest in links[:-1]]


@pytest.mark.parametrize(
    "detail", [{}, {"price": 45.5}, {"big": 1e22}, {"tiny": 1.5e-10}, {"b": 1, "a": [None, True, "é"]}, {"n": 2**70}]
)
def test_whatever_json_holds_verifies_after_the_database_has_kept_it(detail):
    audit.record("collector", "noted", "site/PECOS", detail)

    assert audit.verify().wrong is None


@pytest.mark.parametrize(
    ("statement", "wrong"),
    [
        ("UPDATE base_auditevent SET verb = 'slept' WHERE sequence = 3", "row 3 was changed"),
        ("UPDATE base_auditevent SET detail = '{\"number\": 9}' WHERE sequence = 4", "row 4 was changed"),
        ("UPDATE base_auditevent SET at = at + interval '1 microsecond' WHERE sequence = 1", "row 1 was changed"),
        ("UPDATE base_auditevent SET hash = repeat('f', 64) WHERE sequence = 2", "row 2 was changed"),
        ("DELETE FROM base_auditevent WHERE sequence = 2", "row 2 is missing"),
        ("DELETE FROM base_auditevent WHERE sequence = 1", "row 1 is missing"),
        ("UPDATE base_auditevent SET sequence = 6 WHERE sequence = 3", "row 3 is missing"),
        (
            "INSERT INTO base_auditevent SELECT 6, at, actor_id, actor, verb, target, detail, hash, repeat('0', 64) "
            "FROM base_auditevent WHERE sequence = 4",
            "row 6 does not follow row 5",
        ),
    ],
)
def test_verify_names_the_first_row_that_was_changed(statement, wrong):
    five_events()
    tamper(statement)

    assert audit.verify().wrong == wrong


MOVED_UP = "UPDATE base_auditevent SET sequence = sequence + 100 WHERE sequence >= 3"
BACK_DOWN = "UPDATE base_auditevent SET sequence = sequence - {by} WHERE sequence > 100"


@pytest.mark.parametrize("number", [1, 3])
def test_a_row_that_was_rewritten_with_its_hash_is_named_by_the_one_after_it(number):
    five_events()
    row = AuditEvent.objects.get(sequence=number)
    row.actor = "nobody"
    tamper(f"UPDATE base_auditevent SET actor = 'nobody', hash = '{audit.digest(row)}' WHERE sequence = {number}")

    verdict = audit.verify()

    assert verdict.sequence == number - 1
    assert verdict.wrong == (
        f"row {number} was rewritten with its hash, which row {number + 1} does not know; "
        "rows before it may have been, too"
    )


def test_a_row_put_in_between_is_named_though_the_others_were_numbered_anew():
    five_events()
    tamper(f"{MOVED_UP}; {BACK_DOWN.format(by=99)}")
    second = AuditEvent.objects.get(sequence=2)
    put_in = AuditEvent(
        sequence=3, at=second.at, actor="nobody", verb="swept", target="sites", detail={}, prev_hash=second.hash
    )
    put_in.hash = audit.digest(put_in)
    put_in.save(force_insert=True)

    assert audit.verify() == (2, second.hash, "row 3 was put in")


def test_a_row_taken_out_is_named_though_the_others_were_numbered_anew():
    five_events()
    tamper(f"DELETE FROM base_auditevent WHERE sequence = 3; {MOVED_UP}; {BACK_DOWN.format(by=101)}")

    assert audit.verify()[::2] == (2, "row 3 does not follow row 2")


def test_of_two_rows_that_changed_places_the_first_is_named():
    five_events()
    tamper(
        "UPDATE base_auditevent SET sequence = 100 WHERE sequence = 2;"
        "UPDATE base_auditevent SET sequence = 2 WHERE sequence = 3;"
        "UPDATE base_auditevent SET sequence = 3 WHERE sequence = 100"
    )

    assert audit.verify()[::2] == (1, "row 2 does not follow row 1")


def test_the_command_prints_the_head_of_an_unbroken_chain():
    five_events()
    out = StringIO()

    call_command("verify_audit", stdout=out)

    assert out.getvalue() == f"5 audit events, unbroken. Head: 5:{AuditEvent.objects.get(sequence=5).hash}\n"


def test_the_command_fails_with_the_row_that_was_changed():
    five_events()
    tamper("UPDATE base_auditevent SET actor = 'nobody' WHERE sequence = 3")

    with pytest.raises(CommandError, match=r"row 3 was changed. Rows 1 to 2 fit together"):
        call_command("verify_audit")


def test_a_head_noted_elsewhere_shows_that_the_end_was_cut_off():
    five_events()
    head = f"5:{AuditEvent.objects.get(sequence=5).hash}"
    tamper("DELETE FROM base_auditevent WHERE sequence = 5")

    call_command("verify_audit", stdout=StringIO())
    with pytest.raises(CommandError, match="no longer in it"):
        call_command("verify_audit", expect=head)


@pytest.mark.parametrize("statement", ["UPDATE base_auditevent SET verb = 'slept'", "DELETE FROM base_auditevent"])
def test_the_database_refuses_to_change_or_remove_a_row(statement):
    five_events()

    with pytest.raises(DatabaseError, match="never changed or removed"), transaction.atomic():
        connection.cursor().execute(statement)

    assert AuditEvent.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_events_of_many_threads_form_one_chain():
    in_threads(12, lambda: audit.record("collector", "swept", "site/PECOS"))

    assert audit.verify()[::2] == (12, None)
