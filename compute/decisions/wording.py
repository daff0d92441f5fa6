"""A decision's sentence as it is stored: with what stood in for the solver, whose nodes go first, and the zone."""

from typing import Final

from compute.decisions.round import Round, Told
from compute.models import Decision
from compute.switching.planning import Source

MOST_OF_WHY: Final = 120


def stood_in(this: Round) -> str:
    """What was planned with where the solver could not, and why."""
    if this.planned.source in (None, Source.SOLVER):
        return ""
    return shortened(
        f"; planned by the {this.planned.source.value}, as the solver could not: {this.planned.words}", MOST_OF_WHY
    )


def whole(said: Told, end: str) -> str:
    """The sentence with its end, and with the order in which nodes go where that fits as well."""
    longest = Decision._meta.get_field("sentence").max_length or 0
    both = f"{said.sentence}; {said.turns}"
    words = both if said.turns and len(both) + len(end) <= longest else said.sentence
    return shortened(words, longest - len(end)) + end


def shortened(words: str, longest: int) -> str:
    """Cut between two words, and marked as cut."""
    return words if len(words) <= longest else f"{words[: longest - 1].rsplit(' ', 1)[0]}…"
