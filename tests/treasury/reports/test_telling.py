"""Everybody who wants to be told of a release is told once, and messages go nowhere else."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction

from cango_ops.base import clock
from tests.treasury.closing.worlds import people
from tests.treasury.reports.worlds import draft_of, due, hooked, receiver
from treasury.closing.close import Refused
from treasury.models import ReleaseDelivery, Subscriber
from treasury.reports import published
from treasury.reports.publish import approve
from treasury.reports.releasing import release_due
from treasury.reports.subscribing import add_mail, add_webhook, end
from treasury.reports.telling import LEASE_S, recover, tell

pytestmark = pytest.mark.django_db

HOME = "/treasury/reports/"
State = ReleaseDelivery.State


@pytest.fixture
def cast():
    return people()


@pytest.fixture
def report(cast):
    """Approved by two."""
    row = draft_of(published.material("2025-10"), cast["ines"])
    for name in ("ted", "ian"):
        approve(row, row.sha256, cast[name])
    row.refresh_from_db()
    return row


@pytest.fixture
def allowed(settings):
    """This machine may be called, as an installation may allow a network of its own."""
    settings.WEBHOOK_HOSTS, settings.WEBHOOK_NETWORKS = ["127.0.0.1"], ["127.0.0.0/8"]


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
    assert [(name, data[:4]) for name, data, _ in message.attachments] == [("cango-2025-10.pdf", b"%PDF")]
    row = ReleaseDelivery.objects.get()
    assert (row.state, row.attempts, row.log[0][1]) == ("sent", 1, "taken by the receiver")
    assert str(row.message_id) in message.extra_headers["Message-ID"]


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


# Where messages may not go


INSIDE = (
    "https://127.0.0.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/", "https://127.1/",
    "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://0/", "https://localhost/", "https://10.0.0.7/",
    "https://192.168.1.1/", "https://172.16.0.1/", "https://169.254.169.254/latest/meta-data/",
    "https://100.100.100.200/", "https://[fd00:ec2::254]/", "https://[fe80::1]/", "https://[64:ff9b::7f00:1]/",
    "https://example.com@127.0.0.1/", "https://127.0.0.1#example.com/", "https://example.com.127.0.0.1.evil/",
    "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "https:///x",
    "https://example.com:99999/", "javascript:alert(1)", "https://exa mple.com/", "",
)  # fmt: skip


@pytest.mark.parametrize("url", INSIDE)
def test_a_webhook_leads_to_no_host_that_was_not_allowed(cast, settings, url):
    settings.WEBHOOK_HOSTS = ["example.com"]

    with pytest.raises(Refused):
        add_webhook(url, "en", cast["ines"])
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_an_allowed_name_that_leads_inside_is_not_called(report, cast, settings, host):
    """A name may be allowed and then answer with an address of this machine."""
    with receiver() as server:
        settings.WEBHOOK_HOSTS = [host.strip("[]")]
        add_webhook(f"https://{host}:{server.server_port}/", "en", cast["ines"])
        due(report, cast)
        release_due()
        tell()

    row = ReleaseDelivery.objects.get()
    assert row.state == "failed", row.log
    assert server.came == []
