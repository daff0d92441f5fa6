"""Small worlds for protocol tests: answers by name in place of a machine, and the recorded answers where they are."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cango_ops.wire import Ask, Conversation, NoAnswer, T

CAPTURES = Path(__file__).resolve().parents[4] / "shared" / "captures"

needs_captures = pytest.mark.skipif(not CAPTURES.is_dir(), reason=f"no recorded answers at {CAPTURES}")


def answer(section: str, *rows: Mapping[str, Any], letter: str = "S", **more: Any) -> bytes:
    """A reply of the cgminer family: `answer("SUMMARY", {"Elapsed": 60})`."""
    status = [{"STATUS": letter, "When": 1700000000, "Code": 11, "Msg": "ok", "Description": "cgminer 4.11.1"}]
    return msgspec.json.encode({"STATUS": status, section: list(rows), "id": 1, **more})


def joined(**replies: bytes) -> bytes:
    """What a machine that joins reports answers to "summary+devs"."""
    parts = {name: [msgspec.json.decode(reply)] for name, reply in replies.items()}
    return msgspec.json.encode(parts | {"id": 1})


class Machine:
    """Answers by the exact name of the question, remembers what it was asked; the rest fails with `otherwise`."""

    def __init__(self, answers: Mapping[str, bytes], otherwise: str = "closed") -> None:
        self.answers, self.otherwise = answers, otherwise
        self.asked: list[Ask] = []

    def fetch(self, ask: Ask) -> bytes:
        """The answer. Raises NoAnswer."""
        if ask.name not in self.answers:
            raise NoAnswer(self.otherwise)
        return self.answers[ask.name]

    def talk(self, conversation: Conversation[T]) -> T:
        try:
            ask = next(conversation)
            while True:
                self.asked.append(ask)
                try:
                    found = self.fetch(ask)
                except NoAnswer as gap:
                    ask = conversation.throw(gap)
                else:
                    ask = conversation.send(found)
        except StopIteration as end:
            return end.value

    @property
    def names(self) -> list[str]:
        return [ask.name for ask in self.asked]
