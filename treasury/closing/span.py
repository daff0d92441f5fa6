"""A month as the closing and its reports name it: the one value of the books, cut off in UTC. Pure."""

from datetime import date

from treasury.earnings.span import Month as Span

__all__ = ["Span", "span_of"]


def span_of(first: date) -> Span:
    """first: the month's first day."""
    return Span(first)
