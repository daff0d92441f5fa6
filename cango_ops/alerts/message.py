"""What is said of an alert, to people as mail and to programs as JSON. Pure.

Webhooks are signed as the Standard Webhooks specification has it: HMAC-SHA256 over "id.timestamp.body", in base64,
with the secret's bytes (whsec_ and base64). https://www.standardwebhooks.com
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

SECRET_PREFIX: Final = "whsec_"  # noqa: S105
SUBJECT_LENGTH: Final = 140


@dataclass(frozen=True)
class Told:
    """One alert as it is told. url: of its page. about: firing or resolved."""

    alert_id: int
    about: str
    rule: str
    severity: str
    place: str
    sentence: str
    action: str
    since: datetime
    usd_per_h: Decimal | None
    usd_why: str
    url: str
    ended_at: datetime | None = None


def subject(told: Sequence[Told]) -> str:
    """One line, without a line break, whatever stands in it."""
    if len(told) > 1:
        firing = sum(one.about == "firing" for one in told)
        parts = [f"{firing} firing"] if firing else []
        parts += [f"{len(told) - firing} resolved"] if len(told) > firing else []
        return f"Alerts: {', '.join(parts)}"
    one = told[0]
    word = "Resolved" if one.about == "resolved" else one.severity.capitalize()
    return " ".join(f"{word}: {one.place}: {one.sentence}".split())[:SUBJECT_LENGTH]


def text(told: Sequence[Told]) -> str:
    return "\n\n".join(paragraph(one) for one in told) + "\n"


def paragraph(one: Told) -> str:
    lines = [f"{one.place}: {one.sentence}"]
    if one.about == "resolved":
        lines.append(f"Resolved {one.ended_at:%d %b %H:%M} UTC." if one.ended_at else "Resolved.")
    else:
        lines += [f"Since {one.since:%d %b %H:%M} UTC. {cost(one)}", f"Next: {one.action}"]
    return "\n".join([*lines, one.url])


def cost(one: Told) -> str:
    return f"It costs ${one.usd_per_h:,.0f} an hour." if one.usd_per_h is not None else f"Its price: {one.usd_why}."


def body(one: Told, message_id: str, at: datetime) -> bytes:
    """Of a webhook: the same bytes at every attempt of one message at one time."""
    words = {
        "type": f"alert.{one.about}",
        "timestamp": at.isoformat(),
        "data": {
            "id": one.alert_id, "rule": one.rule, "severity": one.severity, "place": one.place,
            "sentence": one.sentence, "action": one.action, "since": one.since.isoformat(),
            "usd_per_h": None if one.usd_per_h is None else str(one.usd_per_h), "usd_why": one.usd_why,
            "url": one.url, "ended_at": one.ended_at.isoformat() if one.ended_at else None,
        },
        "message_id": message_id,
    }  # fmt: skip
    return json.dumps(words, separators=(",", ":"), ensure_ascii=True).encode()


def headers(secret: str, message_id: str, at: datetime, said: bytes) -> dict[str, str]:
    second = str(int(at.timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": second,
        "webhook-signature": f"v1,{signature(secret, message_id, second, said)}",
    }


def signature(secret: str, message_id: str, second: str, said: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{message_id}.{second}.".encode() + said
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
