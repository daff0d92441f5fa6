"""Batteries that speak SunSpec over Modbus: an absolute setpoint in watts that ends by itself. Pure.

Source: sites.meters.storage; an exception of Modbus that says "not done" is a refusal, one that leaves it open is not.
"""

from typing import Final

from cango_ops.wire import Conversation, Garbled
from compute.protocols.orders.order import SETPOINT, Kept, Ready, Refusal, Wish
from compute.protocols.signing import Login
from sites.meters import modbus, storage
from sites.meters.modbus import Refused

# Illegal function, register or value, busy, no path: nothing was written. A failure inside the device says nothing.
SURELY_NOT: Final = (1, 2, 3, 6, 10)


class StorageOrders:
    """One write of eleven registers, all or none."""

    verbs = frozenset({SETPOINT})

    def prepare(self, wish: Wish, login: Login | None, kept: Kept) -> Conversation[Ready]:
        if wish.verb != SETPOINT or wish.setpoint_w is None:
            raise Refusal("a battery takes a setpoint alone")
        try:
            controls = yield from storage.controls_of(wish.unit_id)
            words = storage.setpoint_words(controls, wish.setpoint_w, wish.good_for_s)
        except (Garbled, ValueError) as why:
            raise Refusal(str(why)) from why

        def act() -> Conversation[str]:
            try:
                yield from modbus.write(wish.unit_id, controls.at, words)
            except Refused as why:
                if why.code in SURELY_NOT:
                    raise Refusal(str(why)) from why
                raise
            return f"takes {wish.setpoint_w:,} W for {wish.good_for_s:,} s"

        return Ready(act)
