"""The one session that a LuxOS machine grants, and who has it.

Source: Luxor's API catalogue: 31 commands want a session; a second `logon` meets code 402. A session that is not used
for a minute lapses.
"""

from typing import Final

import msgspec

from cango_ops.estate.chance import hex_of

LAPSE_S: Final = 60.0
NEEDS_SESSION: Final = frozenset(
    (
        "atmset", "autotunerset", "curtail", "disableboard", "enableboard", "fanset", "frequencyset",
        "frequencystop", "hashboardoptsset", "healthchipset", "healthctrlset", "immersionswitch", "ledset",
        "logoff", "netset", "profilenew", "profilerem", "profilerestore", "profileset", "reboot", "rebootdevice",
        "resetconfig", "resetminer", "tempctrlset", "tempsensorset", "tunableswitch", "tunerswitch",
        "uninstallluxos", "updaterun", "updateset", "voltageset",
    )
)  # fmt: skip


class Session(msgspec.Struct):
    id: str
    used_at: float


class Sessions:
    """At most one live session per address."""

    def __init__(self) -> None:
        self._by_address: dict[str, Session] = {}
        self._made = 0

    def current(self, address: str, t: float) -> Session | None:
        session = self._by_address.get(address)
        return session if session and t - session.used_at < LAPSE_S else None

    def open(self, address: str, t: float) -> Session | None:
        """A new session, or None while another one lives."""
        if self.current(address, t) is not None:
            return None
        self._made += 1
        session = Session(hex_of(int(t * 1000) ^ self._made, 5, 8), t)
        self._by_address[address] = session
        return session

    def use(self, address: str, session_id: str, t: float) -> bool:
        """Whether this is the live session's id; using it keeps it alive."""
        session = self.current(address, t)
        if session is None or session.id != session_id:
            return False
        session.used_at = t
        return True

    def close(self, address: str) -> None:
        self._by_address.pop(address, None)
