"""How a language asks: one question after the other, each allowed to fail, the gaps noted. Pure."""

from collections.abc import Callable, Generator
from typing import TypeVar

from cango_ops.wire import Ask, Garbled, NoAnswer
from compute.protocols import catalog
from compute.protocols.reading import Reading
from compute.protocols.signing import Signer

P = TypeVar("P")

# The machine itself cannot be reached: asking on is of no use.
DEAD = frozenset(("refused", "unreachable", "deadline"))
MAX_NOTES = 20


class Talk:
    """What a conversation has met so far. heard: answers that could be read."""

    __slots__ = ("first_failure", "gaps", "heard", "notes")

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.gaps = 0
        self.heard = 0
        self.first_failure: Exception | None = None

    def note(self, text: str) -> None:
        if len(self.notes) < MAX_NOTES and text not in self.notes:
            self.notes.append(text)

    def ask(self, ask: Ask, parse: Callable[[bytes], P], *, optional: bool = False) -> Generator[Ask, bytes, P | None]:
        """The parsed answer, or None with a note. An optional gap does not make the reading partial.

        Raises NoAnswer when the machine cannot be reached at all.
        """
        try:
            parsed = parse((yield ask))
        except (NoAnswer, Garbled) as why:
            self._failed(ask, why, optional)
            return None
        self.heard += 1
        return parsed

    def ask_signed(
        self, make: Callable[[dict[str, str]], Ask], path: str, parse: Callable[[bytes], P], signer: Signer
    ) -> Generator[Ask, bytes, P | None]:
        """Like `ask`, optional, for a GET that may want a sign-in: a challenge is answered once."""
        ask = make(signer.headers("GET", path))
        try:
            answer = yield ask
        except NoAnswer as why:
            if not signer.learn(why):
                self._denied(ask, why, signer)
                return None
            ask = make(signer.headers("GET", path))
            try:
                answer = yield ask
            except NoAnswer as again:
                self._denied(ask, again, signer)
                return None
        try:
            parsed = parse(answer)
        except Garbled as why:
            self._failed(ask, why, optional=True)
            return None
        self.heard += 1
        return parsed

    def _denied(self, ask: Ask, why: NoAnswer, signer: Signer) -> None:
        """Notes that nothing came; a challenge that could not be met will not be met by the next question either."""
        signer.is_denied = why.reason == "denied" and bool(why.challenge)
        self._failed(ask, why, optional=True)

    def _failed(self, ask: Ask, why: Exception, optional: bool) -> None:
        if isinstance(why, NoAnswer) and why.reason in DEAD and not self.heard and ask.port is None:
            raise why
        # Without its traceback, whose frames hold the whole answer and this object: a cycle that only gc would free.
        self.first_failure = self.first_failure or why.with_traceback(None)
        self.gaps += not optional
        self.note(f"{ask.name}: {why}")

    def finish(self, reading: Reading, *, identity: bool = False) -> Reading:
        """The reading with its notes and quality. Raises the first failure if nothing was heard.

        identity: the machine was asked who it is, so an unsaid model is a gap.
        """
        failure, self.first_failure = self.first_failure, None
        if not self.heard and failure:
            try:
                raise failure
            finally:
                del failure
        if identity and reading.model is None:
            self.gaps += 1
            self.note("the machine did not say its model")
        reading.notes = reading.notes + self.notes
        return judged(reading, partial=self.gaps > 0)


def judged(reading: Reading, *, partial: bool = False) -> Reading:
    """The reading with its quality set; an unknown model weighs more than a missing answer."""
    model = catalog.find(reading.model) if reading.model is not None else None
    if model is not None and reading.vendor is None:
        reading.vendor = model.vendor
    if reading.model is not None and model is None:
        reading.quality = "unknown model"
    elif partial or reading.quality == "partial":
        reading.quality = "partial"
    return reading
