"""Hands a shift over, and confirms that the next one has read it; both with their audit event."""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from cango_ops.base import audit
from cango_ops.base.clock import database_now
from cango_ops.base.models import User
from cango_ops.base.transitions import move
from sites import rights
from sites.models import Handover, Site

LONGEST_WORDS: Final = 4000
LONGEST_SHIFT: Final = timedelta(days=7)


class HandoverRefused(ValueError):
    """Why it is not done. is_right: because the person may not."""

    def __init__(self, words: str, *, is_right: bool = False) -> None:
        super().__init__(words)
        self.is_right = is_right


def operated(user: User) -> list[Site]:
    """The sites that the person operates, and so hands over."""
    sites = list(Site.objects.visible_to(user).select_related("operator"))
    held = rights.at_each_site(user, sites)
    return [site for site in sites if rights.OPERATE in held[site.code]]


def hand_over(
    request_id: uuid.UUID,
    actor: User,
    sites: Sequence[Site],
    began_at: datetime,
    words: str,
    content: Mapping[str, Any],
) -> Handover:
    """The handover; sent again under the same id, the one that was made. Raises HandoverRefused.

    content: what stands open at these sites now; plain JSON of texts and whole numbers.
    """
    check(actor, sites, words)
    now = database_now()
    if not now - LONGEST_SHIFT <= began_at < now:
        raise HandoverRefused(f"a shift began before now and at most {LONGEST_SHIFT.days} days ago")
    with transaction.atomic():
        sha256 = digest(content, words.strip())
        made, is_new = Handover.objects.get_or_create(
            request_id=request_id,
            defaults={
                "shift_began_at": began_at, "made_at": now, "made_by": actor, "words": words.strip(),
                "content": content, "sha256": sha256,
            },
        )  # fmt: skip
        if is_new:
            made.sites.set(sites)
            codes = sorted(site.code for site in sites)
            detail: dict[str, object] = {"sites": codes, "shift_began_at": began_at.isoformat(), "sha256": sha256}
            audit.record(actor, "handover.made", target_of(made), detail)
        elif made.made_by_id != actor.pk:
            raise HandoverRefused("another handover has this id")
    return made


def check(actor: User, sites: Sequence[Site], words: str) -> None:
    """Raises HandoverRefused."""
    if not sites:
        raise HandoverRefused("name a site")
    if not operates_all(actor, sites):
        raise HandoverRefused("your role does not allow it at every one of these sites", is_right=True)
    if len(words.strip()) > LONGEST_WORDS:
        raise HandoverRefused(f"your words are at most {LONGEST_WORDS} characters")
    if "\x00" in words:
        raise HandoverRefused("words hold no NUL byte")


def operates_all(user: User, sites: Sequence[Site]) -> bool:
    held = rights.at_each_site(user, sites)
    return all(rights.OPERATE in held[site.code] for site in sites)


def may_confirm(user: User, handover: Handover) -> str:
    """Empty, or why not."""
    if handover.confirmed_by_id is not None:
        return f"it was confirmed by {handover.confirmed_by}"
    if handover.made_by_id == user.pk:
        return "you made it, so somebody else confirms having read it"
    if user.token_rights is not None:
        return "that one has read it takes a person"
    return "" if operates_all(user, list(handover.sites.all())) else "your role at these sites does not allow it"


def confirm(handover: Handover, actor: User) -> None:
    """From now on it is known that the actor has read it; said twice by the same person it is once. HandoverRefused."""
    with transaction.atomic():
        if handover.confirmed_by_id == actor.pk:
            return
        if why := may_confirm(actor, handover):
            raise HandoverRefused(why, is_right=why.startswith("your role"))
        now = database_now()
        if not move(handover, "confirmed_by", None, actor, confirmed_at=now):
            handover.refresh_from_db()
            raise HandoverRefused(f"it was confirmed by {handover.confirmed_by}")
        detail: dict[str, object] = {
            "made_by": str(handover.made_by), "made_at": handover.made_at.isoformat(), "confirmed_by": str(actor),
            "confirmed_at": now.isoformat(), "sha256": handover.sha256,
        }  # fmt: skip
        audit.record(actor, "handover.confirmed", target_of(handover), detail)


def target_of(handover: Handover) -> str:
    return f"handover/{handover.pk}"


def digest(content: Mapping[str, Any], words: str) -> str:
    """SHA-256 of what was handed over, as canonical JSON."""
    said = json.dumps({"content": content, "words": words}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


def is_whole(handover: Handover) -> bool:
    """True where it is still what the audit chain says was handed over."""
    now = digest(handover.content, handover.words)
    deeds = audit.AuditEvent.objects.filter(target=target_of(handover), verb="handover.made")
    return now == handover.sha256 and [one.detail["sha256"] for one in deeds] == [now]
