"""The states of a command and the only ways between them. Pure.

`sent` is written before the bytes leave, so what is `claimed` never left and may go back to be claimed under a newer
epoch, and what is `sent` is never sent again: from there, only evidence leads on.
"""

from typing import Final

from compute.models.command import Command

S = Command.State

MOVES: Final[dict[str, frozenset[str]]] = {
    S.REQUESTED: frozenset((S.APPROVED, S.STOPPED, S.EXPIRED)),
    S.APPROVED: frozenset((S.CLAIMED, S.STOPPED, S.EXPIRED, S.FAILED)),
    S.CLAIMED: frozenset((S.APPROVED, S.SENT, S.FAILED, S.EXPIRED, S.STOPPED)),
    S.SENT: frozenset((S.ACKNOWLEDGED, S.FAILED, S.UNKNOWN)),
    S.ACKNOWLEDGED: frozenset((S.CONFIRMED, S.FAILED, S.UNKNOWN)),
    S.UNKNOWN: frozenset((S.CONFIRMED, S.FAILED)),
    S.CONFIRMED: frozenset(),
    S.FAILED: frozenset(),
    S.EXPIRED: frozenset(),
    S.STOPPED: frozenset(),
}
FINAL: Final = frozenset(state for state, ways in MOVES.items() if not ways)
# Its bytes have not left, so a person may still stop it.
UNSENT: Final = (S.REQUESTED, S.APPROVED, S.CLAIMED)
# It may be on its way: the wave it belongs to is not over.
UNDER_WAY: Final = (S.APPROVED, S.CLAIMED, S.SENT)
# Only evidence ends these.
TO_CONFIRM: Final = (S.ACKNOWLEDGED, S.UNKNOWN)


def may_move(old: str, new: str) -> bool:
    return new in MOVES[old]
