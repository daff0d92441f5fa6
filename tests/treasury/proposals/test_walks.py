"""Random walks over a proposal, each step held against a plain oracle of what may happen."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.treasury.proposals.worlds import ask, done, fresh_prices, make_books, people
from treasury.closing.close import Refused
from treasury.models import JournalEntry, Proposal
from treasury.proposals import expire
from treasury.proposals.approve import approve, reject, withdraw
from treasury.proposals.book import GRACE, book

pytestmark = pytest.mark.django_db

PEOPLE = ("ted", "tia", "ann", "ines", "vic")
KEEPERS = ("ted", "tia", "ann")
DEEDS = ("approve", "approve", "approve", "reject", "withdraw", "book", "book", "expire", "other content")
WORDS = "as the committee decided"
steps = st.lists(st.tuples(st.sampled_from(DEEDS), st.sampled_from(PEOPLE)), max_size=9)


class Oracle:
    """One proposal of Ted that takes two others."""

    def __init__(self):
        self.state, self.yes, self.sales = "proposed", set(), 0

    def step(self, deed, who):
        """Whether it is taken; then what it leads to."""
        is_keeper = who in KEEPERS
        if deed == "approve":
            if is_keeper and who in self.yes:
                return True
            if not is_keeper or who == "ted" or self.state != "proposed":
                return False
            self.yes.add(who)
            self.state = "approved" if len(self.yes) == 2 else "proposed"
            return True
        if deed == "book":
            if not is_keeper or self.state not in ("approved", "booked"):
                return False
            self.sales, self.state = 1, "booked"
            return True
        if deed in ("reject", "withdraw"):
            may = who == "ted" if deed == "withdraw" else is_keeper and who != "ted"
            if not may or self.state not in ("proposed", "approved"):
                return False
            self.state = "withdrawn" if deed == "withdraw" else "rejected"
            return True
        if deed == "expire":
            self.state = "expired" if self.state in ("proposed", "approved") else self.state
            return True
        return False


def walk(cast, told):
    proposal, oracle, what = ask(cast["ted"], wallet="hot", sat=1), Oracle(), []

    def execution():
        """The same evidence each time, once there can be any."""
        if not what:
            what.append(done())
        return what[0]

    deeds = {
        "approve": lambda user: approve(proposal, proposal.digest, user, WORDS),
        "reject": lambda user: reject(proposal, user, WORDS),
        "withdraw": lambda user: withdraw(proposal, user, WORDS),
        "book": lambda user: book(proposal, execution(), user),
        "expire": lambda user: expire.close_late(proposal.not_after + GRACE),
        "other content": lambda user: approve(proposal, "f" * 64, user, WORDS),
    }
    for deed, who in told:
        wanted = oracle.step(deed, who)
        try:
            with transaction.atomic():
                deeds[deed](cast[who])
            was_taken = True
        except Refused:
            was_taken = False
        if deed == "book" and not was_taken:
            what.clear()
        now = Proposal.objects.get(pk=proposal.pk)
        assert (was_taken, now.state) == (wanted, oracle.state), (deed, who)
        assert {one.approver.username for one in now.approvals.all()} == oracle.yes
    sales = JournalEntry.objects.filter(source_id=f"proposal/{proposal.pk}").count()
    assert sales == oracle.sales


@pytest.fixture
def cast(db):
    make_books()
    return people()


def taken_back(cast, told):
    """In a transaction of its own that is taken back, so that the day's cap and the coins are those of the first."""
    with transaction.atomic():
        fresh_prices("50000.00")  # those of the world grow stale before ten thousand walks are done
        walk(cast, told)
        transaction.set_rollback(True)


QUIET = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@settings(max_examples=40, **QUIET)
@given(told=steps)
def test_every_walk_is_as_the_oracle_says(cast, told):
    taken_back(cast, told)


@pytest.mark.long
@settings(max_examples=10_000, **QUIET)
@given(told=steps)
def test_ten_thousand_walks_are_as_the_oracle_says(cast, told):
    taken_back(cast, told)
