"""Who may say who is told, and what pages and REST say of it."""

import uuid

import pytest

from sites.models import Operator, Role
from tests.treasury.reports.releases import due
from tests.treasury.web.worlds import member
from tests.web.callers import by_key, by_session, key_of
from treasury.closing.close import Refused
from treasury.models import ReleaseDelivery, Subscriber
from treasury.reports.files import take
from treasury.reports.releasing import release_due
from treasury.reports.subscribing import add_mail, opened
from treasury.reports.telling import tell

pytestmark = pytest.mark.django_db

HOME = "/treasury/reports/"
State = ReleaseDelivery.State


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

    assert "October 2025: its documents were taken 2 times" in page
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
