import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from cango_ops.alerts.message import Told, body, headers, subject, text

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HOT = Told(
    alert_id=7, about="firing", rule="site.hot", severity="critical", place="PECOS", sentence="99 °C in C1",
    action="Check the cooling", since=NOON, usd_per_h=Decimal("412.50"), usd_why="", url="https://ops.example.com/alerts/7/",
)  # fmt: skip


def test_a_mail_says_what_since_when_what_it_costs_and_what_to_do():
    assert subject([HOT]) == "Critical: PECOS: 99 °C in C1"
    assert text([HOT]) == (
        "PECOS: 99 °C in C1\nSince 21 Nov 12:00 UTC. It costs $412 an hour.\nNext: Check the cooling\n"
        "https://ops.example.com/alerts/7/\n"
    )


def test_several_are_one_mail():
    over = replace(HOT, about="resolved", ended_at=NOON)

    assert subject([HOT, HOT, over]) == "Alerts: 2 firing, 1 resolved"
    assert "Resolved 21 Nov 12:00 UTC." in text([HOT, over])


def test_no_line_break_comes_into_a_subject():
    assert subject([replace(HOT, sentence="a\r\nBcc: evil@example.com")]) == "Critical: PECOS: a Bcc: evil@example.com"


def test_a_webhook_is_signed_as_the_standard_says():
    """The vector of the Standard Webhooks specification's reference libraries."""
    second = datetime.fromtimestamp(1614265330, UTC)

    said = headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", second, b'{"test": 2432232314}'
    )

    assert said == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_body_holds_the_price_as_text_and_null_where_there_is_none():
    assert json.loads(body(HOT, "m", NOON))["data"]["usd_per_h"] == "412.50"
    assert json.loads(body(replace(HOT, usd_per_h=None, usd_why="why"), "m", NOON))["data"]["usd_per_h"] is None
