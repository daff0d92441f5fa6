"""A sender that kills itself: dying_sender.py POINT. Run as a program by test_killed_senders.py.

POINT: where it dies, "before" or "after" one of claim, mark_sent, write_ends; or "wire", once bytes have left and the
first answer is there.
"""

import importlib
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import django


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dying(do: Callable[..., Any], *, before: bool) -> Callable[..., Any]:
    def instead(*words: Any) -> Any:
        if before:
            die()
        result = do(*words)
        if result != []:  # a claim that found nothing is not yet the one to die after
            die()
        return result

    return instead


def die_on_the_wire(sender: Any) -> None:
    let_go = sender._let_go

    def instead(self: Any) -> None:
        let_go(self)
        sender._take = die

    sender._let_go = instead


def main(point: str) -> None:
    django.setup()
    sending = importlib.import_module("compute.commands.sending")
    if point == "wire":
        die_on_the_wire(sending.Sending)
    else:
        when, _, what = point.partition("-")
        module = importlib.import_module(f"compute.commands.{'claim' if what == 'claim' else 'send'}")
        setattr(module, what, dying(getattr(module, what), before=when == "before"))
    sending.send_commands(linger_s=0.5)


if __name__ == "__main__":
    main(sys.argv[1])
