"""LuxOS: curtailment and profiles, under the one session that a machine grants.

Code 402 says that somebody else has the session. A power limit is the strongest profile within it; profiles are refused
while ATM is on, so it is switched off around the change and on again whatever came of that. The session is always given
back. Source: luxos-tooling's command catalogue; field notes, section 4.
"""

from contextlib import suppress
from typing import Final

from cango_ops.wire import Ask, Conversation, Garbled, NoAnswer
from compute.protocols import cgminer, fields
from compute.protocols.cgminer import first, parse_any, parse_reply, refused, section
from compute.protocols.orders.braiins import word_of
from compute.protocols.orders.order import POWER_LIMIT, SLEEP, WAKE, Kept, Ready, Refusal, Wish
from compute.protocols.signing import Login

MODES: Final = {SLEEP: "sleep", WAKE: "wakeup"}
BUSY: Final = 402


class LuxosOrders:
    """Sleep, wake and power limit."""

    verbs = frozenset((SLEEP, WAKE, POWER_LIMIT))

    def prepare(self, wish: Wish, login: Login | None, kept: Kept) -> Conversation[Ready]:
        if wish.verb == POWER_LIMIT:
            profile, atm = yield from _profile_within(wish.limit_w or 0)
            session = yield from _logon()
            return Ready(lambda: _set_profile(session, profile, atm=atm), lambda: _logoff(session))
        session = yield from _logon()
        return Ready(lambda: _curtail(session, MODES[wish.verb]), lambda: _logoff(session))


def ask(command: str, *words: str) -> Ask:
    return cgminer.ask(command, parameter=",".join(words))


def _logon() -> Conversation[str]:
    reply = parse_any((yield cgminer.ask("logon")))
    no = refused(reply)
    if no:
        busy = f"(code {BUSY})" in no
        raise Refusal("another session is active on it" if busy else no)
    session = fields.text(first(reply, "SESSION").get("SessionID"))
    if not session or not session.isalnum():
        raise Garbled("no session")
    return session


def _logoff(session: str) -> Conversation[None]:
    """Failing, it lapses by itself."""
    with suppress(NoAnswer, Garbled):
        yield ask("logoff", session)


def _curtail(session: str, mode: str) -> Conversation[str]:
    try:
        raw = yield ask("curtail", session, mode)
    except NoAnswer:
        yield from _logoff(session)
        raise
    yield from _logoff(session)
    return word_of(raw)


def _profile_within(limit_w: int) -> Conversation[tuple[str, bool]]:
    """(the strongest profile that draws no more, whether ATM is on)"""
    profiles = parse_reply((yield cgminer.ask("profiles")))
    config = first(parse_reply((yield cgminer.ask("config"))), "CONFIG")
    found: list[tuple[float, str]] = []
    for row in section(profiles, "PROFILES"):
        watts, name = fields.watts(row.get("Watts")), fields.text(row.get("Profile Name"))
        if watts is not None and name and "," not in name:
            found.append((watts, name))
    within = [one for one in found if one[0] <= limit_w]
    if not within:
        raise Refusal(f"it has no profile within {limit_w} W")
    return max(within)[1], config.get("IsAtmEnabled") is True


def _set_profile(session: str, profile: str, *, atm: bool) -> Conversation[str]:
    try:
        if atm:
            word_of((yield ask("atmset", session, "enabled=false")))
        words = word_of((yield ask("profileset", session, profile)))
    except (NoAnswer, Garbled, Refusal):
        yield from _restore(session, atm=atm)
        raise
    yield from _restore(session, atm=atm)
    return f"{words} ({profile})"


def _restore(session: str, *, atm: bool) -> Conversation[None]:
    if atm:
        with suppress(NoAnswer, Garbled):
            yield ask("atmset", session, "enabled=true")
    yield from _logoff(session)
