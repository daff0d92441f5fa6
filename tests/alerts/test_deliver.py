"""Who is told, when, and what becomes of each message: real sockets, and Django's outbox for mail."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from django.core import mail
from django.db.models import F, Q

from cango_ops.alerts import routes
from cango_ops.alerts.acknowledge import acknowledge
from cango_ops.alerts.deliver import deliver
from cango_ops.alerts.models import Alert, AlertRoute, Delivery
from cango_ops.alerts.refusal import Refused
from cango_ops.alerts.rules import CRITICAL
from cango_ops.alerts.silencing import silence
from tests.alerts.receiver import ok, receiving
from tests.alerts.rules import LINK, Little, finding, later
from tests.worlds import make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ada():
    return make_user("Ada")


@pytest.fixture
def little():
    return Little([finding(severity=CRITICAL)])


@pytest.fixture
def receiver(settings):
    settings.WEBHOOK_HOSTS, settings.WEBHOOK_NETWORKS = ["localhost"], ["127.0.0.0/8", "::1/128"]
    with receiving() as one:
        yield one


def send(seen: Q | None = None) -> None:
    deliver(lambda user: Q() if seen is None else seen)


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def hours_pass() -> None:
    Delivery.objects.update(next_at=F("next_at") - timedelta(hours=9))


def test_mail_comes_once_however_often_is_looked(little, ada):
    routes.add_mail(ada, "critical", 0)
    for _ in range(3):
        little.round()
        send()

    assert [one.subject for one in mail.outbox] == ["Critical: PECOS: 95 °C"]
    assert mail.outbox[0].to == ["ada@example.com"]
    assert states() == ["sent"]


def test_several_alerts_at_once_are_one_mail(little, ada):
    routes.add_mail(ada, "critical", 0)
    little.found.append(finding(subject="site/MUSCAT", severity=CRITICAL))
    little.round()

    send()

    assert [one.subject for one in mail.outbox] == ["Alerts: 2 firing"]


def test_who_was_told_is_told_of_the_end_and_nobody_else(little, ada):
    routes.add_mail(ada, "critical", 0)
    routes.add_mail(make_user("Bo"), "critical", 600)
    little.round()
    send()
    little.found.clear()
    little.round()

    send()

    assert [(one.subject, one.to[0]) for one in mail.outbox] == [
        ("Critical: PECOS: 95 °C", "ada@example.com"), ("Resolved: PECOS: 95 °C", "ada@example.com"),
    ]  # fmt: skip


def test_the_next_one_is_called_once_nobody_took_it(little, ada):
    routes.add_mail(ada, "critical", 0)
    routes.add_mail(make_user("Bo"), "critical", 600)
    routes.add_mail(make_user("Cy"), "critical", 1200)
    little.round()
    later(660)
    little.round()
    acknowledge(Alert.objects.get(), ada)
    later(1200)
    little.round()

    send()

    assert list(Delivery.objects.order_by("pk").values_list("route__user__username", flat=True)) == ["ada", "bo"]


def test_below_ones_gravity_and_of_another_site_nothing_comes(ada):
    routes.add_mail(ada, "critical", 0)
    routes.add_mail(ada, "warning", 0, site_id=2)
    Little([finding()]).round()

    assert states() == []


def test_nobody_is_told_of_what_is_silent_or_part_of_a_lost_link(little, ada):
    little.round()
    silence(Alert.objects.get(), ada, "works", timedelta(hours=1))
    routes.add_mail(ada, "warning", 0)
    little.found.append(finding(LINK))
    little.round()

    assert list(Delivery.objects.values_list("alert__rule", flat=True)) == ["link"]


def test_what_flaps_is_told_of_less_and_less_often(little, ada):
    routes.add_mail(ada, "critical", 0)
    found = list(little.found)
    for _ in range(3):
        little.found[:] = found
        little.round()
        little.found.clear()
        little.round()

    assert Alert.objects.get().reopened == 2
    assert Delivery.objects.filter(about="firing").count() == 3


def test_nobody_is_told_of_what_he_may_not_see(little, ada):
    routes.add_mail(ada, "critical", 0)
    little.seen = Q(scope="treasury")
    little.round()
    assert states() == []

    little.seen = Q()
    little.round()
    send(Q(scope="treasury"))

    assert states() == ["dropped"]
    assert mail.outbox == []


def test_what_is_over_before_it_was_sent_is_not_sent(little, ada):
    routes.add_mail(ada, "critical", 0)
    little.round()
    acknowledge(Alert.objects.get(), ada)

    send()

    assert (states(), mail.outbox) == (["dropped"], [])


def test_a_webhook_arrives_signed_under_one_id(little, ada, receiver):
    _, secret = routes.add_webhook(ada, receiver.url, "warning", 0)
    little.round()

    send()

    head, _, said = receiver.came[0].partition(b"\r\n\r\n")
    lines = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    assert head.startswith(b"POST /hook?team=a HTTP/1.1")
    assert lines["Host"] == f"localhost:{receiver.port}"
    signed = f"{lines['webhook-id']}.{lines['webhook-timestamp']}.".encode() + said
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert lines["webhook-signature"] == f"v1,{expected}"
    assert json.loads(said)["data"]["sentence"] == "95 °C"
    assert secret not in str(AlertRoute.objects.values())


def test_a_receiver_that_fails_is_asked_again_later_under_the_same_id(little, ada, receiver):
    receiver.answers = [ok(500), ok(204)]
    routes.add_webhook(ada, receiver.url, "warning", 0)
    little.round()
    send()
    assert states() == ["queued"]
    send()
    assert len(receiver.came) == 1
    hours_pass()

    send()

    assert states() == ["sent"]
    ids = {line for said in receiver.came for line in said.split(b"\r\n") if line.startswith(b"webhook-id")}
    assert (len(receiver.came), len(ids)) == (2, 1)


def test_a_receiver_that_is_gone_for_good_is_left_alone(little, ada, receiver):
    receiver.answers = [ok(410)]
    routes.add_webhook(ada, receiver.url, "warning", 0)
    little.round()

    send()

    assert states() == ["failed"]
    assert not AlertRoute.objects.get().is_on


def test_a_redirect_is_not_followed(little, ada, receiver):
    receiver.answers = [b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"]
    routes.add_webhook(ada, receiver.url, "warning", 0)
    little.round()

    send()

    assert Delivery.objects.get().answer == "bad_status: HTTP 302"


def test_a_network_that_is_no_longer_named_is_not_called(little, ada, receiver, settings):
    routes.add_webhook(ada, receiver.url, "warning", 0)
    little.round()
    settings.WEBHOOK_NETWORKS = []

    send()

    assert (states(), receiver.came) == (["failed"], [])


def test_it_gives_up_after_some_hours_and_says_so(little, ada, receiver):
    receiver.answers = [ok(503)]
    routes.add_webhook(ada, receiver.url, "warning", 0)
    little.round()
    for _ in range(9):
        hours_pass()
        send()

    assert (states(), len(receiver.came)) == (["failed"], 8)
    assert Delivery.objects.get().answer == "bad_status: HTTP 503"


def test_a_sender_that_died_sends_a_webhook_again_and_a_mail_not(little, ada, receiver):
    routes.add_mail(ada, "warning", 0)
    routes.add_webhook(ada, receiver.url, "warning", 0)
    little.round()
    Delivery.objects.update(state="sending", claimed_at=F("queued_at") - timedelta(seconds=400))

    send()

    assert states() == ["unknown", "sent"]
    assert mail.outbox == []


@pytest.mark.parametrize("url", ["https://evil.example/", "http://10.0.0.1/", "ftp://localhost/"])
def test_a_webhook_to_elsewhere_cannot_be_made(ada, receiver, url):
    with pytest.raises(Refused):
        routes.add_webhook(ada, url, "warning", 0)


def test_nobody_has_ways_without_end(ada):
    for _ in range(10):
        routes.add_mail(ada, "critical", 0)

    with pytest.raises(Refused, match="10 ways already"):
        routes.add_mail(ada, "critical", 0)
