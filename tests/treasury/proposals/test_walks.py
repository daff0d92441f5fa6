"""Random walks over a proposal, each step held against a plain oracle of what may happen."""

import contextlib

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
step = st.tuples(st.sampled_from(DEEDS), st.sampled_from(PEOPLE))


class Oracle:
    """One proposal of Ted that takes two others."""

    def __init__(self):
        self.state, self.yes, self.sales = "proposed", set(), 0

    def step(self, deed, who):
        """Whether it is taken; then what it leads to."""
        is_keeper = who in KEEPERS
        if deed == "approve":
            if is_keeper and who in self.yes and self.state in ("proposed", "approved", "booked"):
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


class Walk:
    """The proposal and its oracle, step by step."""

    def __init__(self, cast, proposal):
        self.cast, self.proposal, self.oracle, self.execution = cast, proposal, Oracle(), None

    def deed(self, deed, user):
        proposal = self.proposal
        if deed == "approve":
            approve(proposal, proposal.digest, user, WORDS)
        elif deed == "other content":
            approve(proposal, "f" * 64, user, WORDS)
        elif deed == "reject":
            reject(proposal, user, WORDS)
        elif deed == "withdraw":
            withdraw(proposal, user, WORDS)
        elif deed == "expire":
            expire.close_late(proposal.not_after + GRACE)
        else:
            self.execution = self.execution or done()  # the same evidence each time, once there can be any
            book(proposal, self.execution, user)

    def step(self, deed, who):
        wanted = self.oracle.step(deed, who)
        try:
            with transaction.atomic():
                self.deed(deed, self.cast[who])
            was_taken = True
        except Refused:
            was_taken = False
        if deed == "book" and not was_taken:
            self.execution = None
        now = Proposal.objects.get(pk=self.proposal.pk)
        yes = set(now.approvals.values_list("approver__username", flat=True))
        assert (was_taken, now.state, yes) == (wanted, self.oracle.state, self.oracle.yes), (deed, who)


def walk(cast, told):
    proposal = ask(cast["ted"], wallet="hot", sat=1)
    for steps_of_one in told:
        with taken_back():
            one = Walk(cast, Proposal.objects.get(pk=proposal.pk))
            for deed, who in steps_of_one:
                one.step(deed, who)
            sales = JournalEntry.objects.filter(source_id=f"proposal/{proposal.pk}").count()
            assert sales == one.oracle.sales


@pytest.fixture
def cast(db):
    make_books()
    return people()


@contextlib.contextmanager
def taken_back():
    """A transaction of its own that is taken back, so that the day's cap and the coins are those of the first."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def walks(cast, told):
    """Several ways on from one proposal: most of what a walk costs is to propose."""
    with taken_back():
        fresh_prices("50000.00")  # those of the world grow stale before a hundred thousand steps are done
        walk(cast, told)


QUIET = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@settings(max_examples=15, **QUIET)
@given(told=st.lists(st.lists(step, max_size=9), min_size=1, max_size=5))
def test_every_walk_is_as_the_oracle_says(cast, told):
    walks(cast, told)


@pytest.mark.long
@settings(max_examples=1200, **QUIET)
@given(told=st.lists(st.lists(step, min_size=7, max_size=7), min_size=12, max_size=12))
def test_a_hundred_thousand_steps_are_as_the_oracle_says(cast, told):
    walks(cast, told)
