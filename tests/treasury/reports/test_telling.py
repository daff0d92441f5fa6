"""Everybody who wants to know of a release is told once, by mail or by webhook."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction

from cango_ops.base import clock
from tests.treasury.reports.releases import due, hooked, receiver
from treasury.models import ReleaseDelivery
from treasury.reports import published
from treasury.reports.announcement import Release, body, subject, text
from treasury.reports.compose import compose
from treasury.reports.releasing import release_due
from treasury.reports.subscribing import add_mail, end
from treasury.reports.telling import LEASE_S, recover, tell

pytestmark = pytest.mark.django_db

HOME = "/treasury/reports/"
State = ReleaseDelivery.State


def test_a_mailbox_gets_the_release_with_its_pdf_once(report, cast):
    add_mail("Desk@Example.com", "fr", cast["ines"])
    due(report, cast)
    release_due()
    tell()
    tell()

    (message,) = mail.outbox
    assert message.to == ["desk@example.com"]
    assert message.subject == "Cango Inc. publie sa production de Bitcoin et son activité pour octobre 2025"
    assert "602,6 BTC" in message.body
    assert report.sha256 in message.body
    assert "Le communiqué est joint en PDF dans cette langue." in message.body
    assert [(name, data[:4]) for name, data, _ in message.attachments] == [("cango-2025-10-fr.pdf", b"%PDF")]
    row = ReleaseDelivery.objects.get()
    assert (row.state, row.attempts, row.log[0][1]) == ("sent", 1, "taken by the receiver")
    assert str(row.message_id) in message.extra_headers["Message-ID"]


def test_who_reads_a_language_in_which_none_was_frozen_gets_the_english_pdf_and_is_told_so(report, cast):
    add_mail("desk@example.com", "zh", cast["ines"])
    due(report, cast)
    release_due()
    tell()

    (message,) = mail.outbox
    assert "附件为英文PDF公告。" in message.body
    assert [name for name, _, _ in message.attachments] == ["cango-2025-10.pdf"]


def test_a_webhook_is_signed_and_says_what_was_published(report, cast, allowed):
    with receiver() as server:
        _, secret = hooked(server, cast)
        due(report, cast)
        release_due()
        tell()
        tell()

    ((headers, said),) = server.came
    told = json.loads(said)
    assert told["type"] == "report.published"
    assert told["data"]["figures"]["btc_produced"] == "602.6"
    assert told["data"]["sha256"] == report.sha256
    row = ReleaseDelivery.objects.get()
    lowered = {name.lower(): value for name, value in headers.items()}
    assert lowered["webhook-id"] == told["message_id"] == str(row.message_id)
    signed = f"{row.message_id}.{lowered['webhook-timestamp']}.".encode() + said
    mac = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    assert lowered["webhook-signature"] == f"v1,{base64.b64encode(mac).decode()}"


def test_a_receiver_that_fails_is_told_again_later_under_the_same_id(report, cast, allowed):
    with receiver(500, 200) as server:
        hooked(server, cast)
        due(report, cast)
        release_due()
        tell()
        row = ReleaseDelivery.objects.get()
        assert (row.state, row.attempts) == ("queued", 1)
        assert row.next_at > clock.database_now() + timedelta(seconds=20)
        tell()
        assert len(server.came) == 1
        ReleaseDelivery.objects.update(next_at=clock.database_now())
        tell()

    row.refresh_from_db()
    assert (row.state, row.attempts) == ("sent", 2)
    assert [words for _, words in row.log] == ["bad_status: HTTP 500", "taken by the receiver"]
    ids = {headers.get("webhook-id") or headers.get("Webhook-Id") for headers, _ in server.came}
    assert len(ids) == 1


@pytest.mark.parametrize(("answer", "state"), [(302, "queued"), (410, "failed"), (404, "queued")])
def test_redirects_are_not_followed_and_gone_is_gone(report, cast, allowed, answer, state):
    with receiver(answer) as server:
        hooked(server, cast)
        due(report, cast)
        release_due()
        tell()

    assert ReleaseDelivery.objects.get().state == state
    assert len(server.came) == 1


def test_a_sender_that_died_is_followed_by_another_and_a_mail_is_not_doubled(report, cast, allowed):
    with receiver() as server:
        hooked(server, cast)
        add_mail("desk@example.com", "en", cast["ines"])
        due(report, cast)
        release_due()
        ReleaseDelivery.objects.update(
            state=State.SENDING, attempts=1, claimed_at=clock.database_now() - timedelta(seconds=LEASE_S + 1)
        )
        recover(clock.database_now())
        tell()

    states = {row.subscriber.channel: row.state for row in ReleaseDelivery.objects.all()}
    assert states == {"webhook": "sent", "email": "unknown"}
    assert len(server.came) == 1
    assert mail.outbox == []


def test_whoever_ended_before_the_release_is_not_told(report, cast):
    row = add_mail("desk@example.com", "en", cast["ines"])
    end(row, cast["ines"])
    due(report, cast)
    release_due()

    assert not ReleaseDelivery.objects.exists()


def test_nobody_is_told_of_what_is_not_published(report, cast):
    row = add_mail("desk@example.com", "en", cast["ines"])
    now = clock.database_now()

    with pytest.raises(DatabaseError, match="not published"), transaction.atomic():
        ReleaseDelivery.objects.create(report=report, subscriber=row, queued_at=now, next_at=now)


@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET message_id = gen_random_uuid()"])
def test_who_was_told_stays_on_record(report, cast, statement):
    add_mail("desk@example.com", "en", cast["ines"])
    due(report, cast)
    release_due()

    with pytest.raises(DatabaseError, match="stays on record"), transaction.atomic():
        connection.cursor().execute(statement.format("treasury_releasedelivery"))


def test_an_announcement_is_one_line_and_the_same_bytes():
    snapshot = compose(published.material("2026-03"))
    release = Release(snapshot, 1, "ab" * 32, clock.now(), [("a.pdf", 3, "cd")], "https://ops.example/r/")

    assert "\n" not in subject(release, "en")
    assert "not reported" in text(release, "en")
    assert body(release, "x") == body(release, "x")
    assert json.loads(body(release, "x"))["data"]["figures"]["btc_produced"] is None
