"""What most tests of proposals begin with."""

import pytest

from tests.treasury.proposals.worlds import make_books, people


@pytest.fixture
def cast(db):
    """The people, by name, on books with coins, cash and a loan."""
    make_books()
    return people()
