"""At the release time a report is published once, and everybody who wants to know is told once."""

import base64
import hashlib
import hmac
import json
import threading
import uuid
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction

from cango_ops.base import clock
from cango_ops.base.models import JobRun
from sites.models import Operator, Role
from tests.treasury.closing.worlds import people
from tests.treasury.reports.worlds import draft_of
from tests.treasury.web.worlds import member
from tests.web.callers import by_key, by_session, key_of
from treasury.closing.close import Refused
from treasury.models import ReleaseDelivery, Report, Subscriber
from treasury.reports import published
from treasury.reports.announcement import Release, body, subject, text
from treasury.reports.compose import compose
from treasury.reports.files import take
from treasury.reports.publish import approve, embargo, publish
from treasury.reports.releasing import release_due
from treasury.reports.subscribing import add_mail, add_webhook, end, opened
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


def due(report, cast, after=timedelta(0)):
    """Its release time has just come; it was approved before that."""
    embargo(report, clock.database_now() + after, cast["ines"])
    report.refresh_from_db()
    return report


class Receiver(BaseHTTPRequestHandler):
    """Answers what it was told to, in turn, and remembers what came."""

    def do_POST(self):
        said = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.came.append((dict(self.headers), said))
        status = self.server.answers.pop(0) if self.server.answers else 200
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@contextmanager
def receiver(*answers):
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    server.came, server.answers = [], list(answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def allowed(settings):
    """This machine may be called, as an installation may allow a network of its own."""
    settings.WEBHOOK_HOSTS, settings.WEBHOOK_NETWORKS = ["127.0.0.1"], ["127.0.0.0/8"]


def hooked(server, cast):
    return add_webhook(f"http://127.0.0.1:{server.server_port}/cango?x=1", "en", cast["ines"])


# Released by itself, once


def test_what_was_approved_before_its_time_is_published_when_it_comes(report, cast):
    due(report, cast)

    release_due()
    release_due()

    report.refresh_from_db()
    assert report.state == "published"
    assert JobRun.objects.filter(name="treasury.release_reports").order_by("pk").first().detail == {"published": 1}


def test_nothing_is_released_before_its_time(report, cast):
    due(report, cast, after=timedelta(hours=1))

    release_due()

    report.refresh_from_db()
    assert report.state == "approved"


def test_what_was_approved_after_its_time_waits_for_a_person(cast):
    row = draft_of(published.material("2025-10"), cast["ines"])
    embargo(row, clock.database_now() - timedelta(hours=1), cast["ines"])
    for name in ("ted", "ian"):
        approve(row, row.sha256, cast[name])

    release_due()

    row.refresh_from_db()
    assert row.state == "approved"
    publish(row, cast["ines"])
    assert row.state == "published"


def test_a_report_of_an_open_month_is_not_released_and_the_run_says_so(cast):
    told = published.material("2025-10")
    material = type(told)(told.month, told.facts, "ledger", told.source, statements=told.statements)
    row = draft_of(material, cast["ines"])
    for name in ("ted", "ian"):
        approve(row, row.sha256, cast[name])
    row.refresh_from_db()
    due(row, cast)

    release_due()

    run = JobRun.objects.get(name="treasury.release_reports")
    assert run.outcome == "failed"
    assert "report/2025-10/1: 2025-10 is not closed" in run.detail["why"]


# Told, once each


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


# Who may, and what the pages say


def test_only_investor_relations_says_who_is_told(cast):
    for name in ("ted", "vic"):
        with pytest.raises(Refused, match="no right"):
            add_mail("desk@example.com", "en", cast[name])
    with pytest.raises(Refused, match="no address"):
        add_mail("desk@example.com\nBcc: x@example.com", "en", cast["ines"])
    with pytest.raises(Refused, match="there is no de"):
        add_mail("desk@example.com", "de", cast["ines"])
    add_mail("desk@example.com", "en", cast["ines"])
    with pytest.raises(Refused, match="told already"):
        add_mail("DESK@example.com", "en", cast["ines"])


def test_a_secret_is_sealed_and_shown_once(cast, settings):
    settings.WEBHOOK_HOSTS = ["example.com"]
    page = by_session(cast["ines"]).post(
        f"{HOME}subscribers/add-webhook/", {"url": "https://example.com/x"}, follow=True
    )
    row = Subscriber.objects.get()

    secret = opened(row)
    assert secret in page.content.decode()
    assert secret not in by_session(cast["ines"]).get(f"{HOME}subscribers/").content.decode()
    assert secret not in row.secret.cipher


def test_the_page_says_who_is_told_and_what_was_sent(report, cast):
    client = by_session(cast["ines"])
    client.post(f"{HOME}subscribers/add-mail/", {"email": "desk@example.com", "language": "it"})
    client.post(f"{HOME}subscribers/add-mail/", {"email": "nobody", "language": "it"})
    due(report, cast)
    release_due()
    tell()

    page = by_session(cast["ted"]).get(f"{HOME}subscribers/").content.decode()

    assert "1 told at each release" in page
    assert "taken by the receiver" in page
    assert "add-mail" not in page
    month = by_session(cast["ted"]).get(f"{HOME}2025-10/").content.decode()
    assert "1 subscriber<" in month
    client.post(f"{HOME}subscribers/end/", {"subscriber": Subscriber.objects.get().pk})
    assert Subscriber.objects.get().ended_by == "ines@example.com"


def test_the_access_log_names_who_took_what_and_whether_it_was_public(report, cast):
    take(report, "cango-2025-10.pdf", cast["ted"])
    due(report, cast)
    release_due()
    report.refresh_from_db()
    take(report, "cango-2025-10.csv", cast["tia"])

    page = by_session(cast["ian"]).get(f"{HOME}2025-10/access/").content.decode()
    told = by_key(key_of(cast["ted"])).get("/api/v1/treasury/reports/2025-10/reads/").json()

    assert "2 takings of documents of 2025-10" in page
    assert [(one["who"], one["name"], one["was"]) for one in told] == [
        ("tia@example.com", "cango-2025-10.csv", "published"), ("ted@example.com", "cango-2025-10.pdf", "approved"),
    ]  # fmt: skip


PLACES = (f"{HOME}subscribers/", f"{HOME}2025-10/access/", "/api/v1/treasury/releases/",
          "/api/v1/treasury/reports/2025-10/reads/")  # fmt: skip


@pytest.mark.parametrize("address", PLACES)
def test_who_does_not_see_the_books_sees_nothing_of_it(cast, address):
    partner = Operator.objects.create(code="partner", name="Partner Mining")

    for stranger in (cast["vic"], member("Cy", Role.TREASURER, operator=partner)):
        assert by_session(stranger).get(address).status_code == 403
    assert by_session(cast["ted"]).get(address).status_code == 200
    assert by_session(cast["vic"]).post(f"{HOME}subscribers/add-mail/", {"email": "x@y.zz"}).status_code == 403


def test_releases_are_told_by_rest(report, cast):
    add_mail("desk@example.com", "en", cast["ines"])
    due(report, cast)
    release_due()
    tell()

    (told,) = by_key(key_of(cast["ted"])).get("/api/v1/treasury/releases/").json()

    assert (told["month"], told["to"], told["state"], told["attempts"]) == ("2025-10", "desk@example.com", "sent", 1)
    assert uuid.UUID(told["message_id"])


def test_an_announcement_is_one_line_and_the_same_bytes():
    snapshot = compose(published.material("2026-03"))
    release = Release(snapshot, 1, "ab" * 32, clock.now(), [("a.pdf", 3, "cd")], "https://ops.example/r/")

    assert "\n" not in subject(release, "en")
    assert "not reported" in text(release, "en")
    assert body(release, "x") == body(release, "x")
    assert json.loads(body(release, "x"))["data"]["figures"]["btc_produced"] is None


def test_a_report_is_published_once_however_often_it_is_tried(report, cast):
    due(report, cast)
    publish(report, cast["ines"])

    release_due()

    assert Report.objects.filter(state="published").count() == 1
    with pytest.raises(Refused):
        publish(report, cast["ines"])
