"""Two approvers at once, two bookers at once, everybody at once, a crash between any two statements: one booking."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from tests.base.threads import in_threads
from tests.treasury.crashes import Lost, crash_at
from tests.treasury.proposals.worlds import (
    BTC,
    LENDER,
    OWN,
    WHY,
    allowed,
    ask,
    done,
    forbid,
    make_books,
    people,
    say_yes,
    soon,
)
from treasury.books import check, queries
from treasury.closing.close import Refused
from treasury.models import Beneficiary, EmbargoException, JournalEntry, LoanEvent, Proposal, ProposalApproval
from treasury.proposals import expire, insiders
from treasury.proposals.approve import approve, reject, withdraw
from treasury.proposals.book import book, write
from treasury.proposals.embargo import hold, refusing

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db):
    make_books()
    return people()


def each(*deeds):
    """Every deed in a thread of its own, at once: what it returned, or why it was refused."""
    waiting, lock = list(deeds), threading.Lock()

    def work():
        with lock:
            deed = waiting.pop()
        try:
            return deed()
        except Refused as why:
            return str(why)

    return in_threads(len(deeds), work)


def test_two_approvers_at_once_make_it_approved_once(cast):
    proposal = ask(cast["ted"])

    each(*(lambda user=user: say_yes(proposal, user) for user in (cast["tia"], cast["ann"])))

    assert Proposal.objects.get().state == "approved"
    assert ProposalApproval.objects.count() == 2


def test_the_same_person_twice_at_once_is_one_approval(cast):
    proposal = ask(cast["ted"])

    each(*[lambda: say_yes(proposal, cast["tia"])] * 3)

    assert (Proposal.objects.get().state, ProposalApproval.objects.count()) == ("proposed", 1)


def test_two_who_verify_an_address_at_once_make_one_entry(cast):
    proposal = ask(cast["ted"], "address", name="Antalpha", address=LENDER, purpose="lender")

    said = each(*(lambda user=user: say_yes(proposal, user) for user in (cast["tia"], cast["ann"])))

    assert sorted(one if isinstance(one, str) else one.state for one in said) == ["booked", "it is booked by now"]
    assert Beneficiary.objects.count() == 1


def test_many_who_book_at_once_make_one_sale(cast):
    proposal, what = say_yes(ask(cast["ted"]), cast["tia"], cast["ann"]), done()

    states = each(*[lambda: book(proposal, what, cast["ted"]).state] * 4)

    assert states == ["booked"] * 4
    assert JournalEntry.objects.filter(kind="sale").count() == 1
    assert list(check.faults()) == []


def test_the_same_key_at_once_is_one_proposal(cast):
    key = ask(cast["ted"], wallet="hot", sat=1).key
    Proposal.objects.get()

    made = each(*[lambda: ask(cast["ted"], key=key, wallet="hot", sat=1).pk] * 4)

    assert len(set(made)) == 1
    assert Proposal.objects.count() == 1


def test_coins_are_spoken_for_once_however_many_propose_at_once(cast):
    said = each(*[lambda: ask(cast["ted"], wallet="hot", sat=40 * BTC).state] * 3)

    # 80 BTC are free: the third finds them spoken for, and so it would find the day's cap.
    assert sorted(one == "proposed" for one in said) == [False, True, True]


def test_book_reject_and_withdraw_at_once_leave_one_of_them(cast):
    for _ in range(4):
        proposal = say_yes(ask(cast["ted"], wallet="hot", sat=1), cast["tia"], cast["ann"])
        before = JournalEntry.objects.filter(kind="sale").count()

        each(
            lambda one=proposal: book(one, done(), cast["ted"]),
            lambda one=proposal: reject(one, cast["tia"], "the desk quotes far below"),
            lambda one=proposal: withdraw(one, cast["ted"], "no longer needed today"),
        )

        state = Proposal.objects.get(pk=proposal.pk).state
        sold = JournalEntry.objects.filter(kind="sale").count() - before
        assert (state, sold) in (("booked", 1), ("rejected", 0), ("withdrawn", 0))


def test_one_exception_lets_one_sale_through_however_many_ask_at_once(cast):
    forbid(cast["ines"])
    allowed(cast)

    said = each(*[lambda: ask(cast["ted"]).state] * 3)

    assert sorted(one == "proposed" for one in said) == [False, False, True]


def test_an_exception_and_a_lenders_act_approved_by_two_at_once_are_one_each(cast):
    forbid(cast["ines"])
    exception = ask(cast["ted"], "exception", sat=BTC, until=soon(), reason=WHY)
    told = ask(cast["ted"], "liquidation", loan="A", sat=BTC, price_usd="30000", on=f"{done().at:%Y-%m-%d}")

    each(*(lambda user=user, row=row: say_yes(row, user)
           for user in (cast["tia"], cast["ann"]) for row in (exception, told)))  # fmt: skip

    assert set(Proposal.objects.values_list("state", flat=True)) == {"booked"}
    assert (EmbargoException.objects.count(), LoanEvent.objects.filter(kind="liquidation").count()) == (1, 1)
    assert list(check.faults()) == []


def test_a_window_set_while_others_book_leaves_each_sale_whole(cast):
    rows = [say_yes(ask(cast["ted"], wallet="hot", sat=n + 1), cast["tia"], cast["ann"]) for n in range(3)]

    said = each(
        lambda: forbid(cast["ines"], binds="everyone") and "set",
        *(lambda row=row: book(row, done(), cast["ted"]).state for row in rows),
    )

    assert "set" in said
    booked = Proposal.objects.filter(state="booked").count()
    assert JournalEntry.objects.filter(kind="sale").count() == booked == said.count("booked")
    assert all(isinstance(one, str) and ("no exception" in one or one in ("booked", "set")) for one in said)


def a_session_waits():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return cursor.fetchone()[0] > 0


def until(is_so):
    while not is_so():
        time.sleep(0.01)


def test_who_waits_while_a_window_is_set_is_bound_by_it(cast):
    sale = say_yes(ask(cast["ted"], wallet="hot", sat=1), cast["tia"], cast["ann"])

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            hold(exclusive=True)
            booking = pool.submit(in_threads, 1, lambda: book(sale, done(), cast["ted"]))
            until(a_session_waits)
            forbid(cast["ines"], binds="everyone")
        with pytest.raises(Refused, match="Blackout, until"):
            booking.result()

    assert Proposal.objects.get().state == "approved"


def test_a_window_that_opens_after_the_word_and_before_the_deed_is_a_refusal(cast):
    sale = say_yes(ask(cast["ted"], wallet="hot", sat=1), cast["tia"], cast["ann"])

    forbid(cast["ines"], binds="everyone")
    with pytest.raises(Refused, match="no sale under an embargo"), refusing():
        write(sale, ["sale"], done().evidence, cast["ted"])

    assert Proposal.objects.get().state == "approved"


def test_the_last_two_of_the_list_do_not_both_leave_it(cast):
    rows = [insiders.enlist(cast[who], WHY, cast["ines"]) for who in ("tia", "ann")]

    said = each(*(lambda row=row: insiders.delist(row, WHY, cast["ines"]) for row in rows))

    assert sorted(said, key=str)[1].startswith("the last one stays")
    assert insiders.listed().count() == 1


def test_one_name_comes_into_the_address_book_once(cast):
    rows = [ask(cast["ted"], "address", name="Antalpha", address=one, purpose="lender") for one in (LENDER, OWN)]

    said = set(each(*(lambda row=row: "in" if say_yes(row, cast["tia"]) else "" for row in rows)))

    assert len(said) == 2
    assert "in" in said
    assert Beneficiary.objects.count() == 1


def crash_everywhere(deed, is_as_before):
    """Breaks the deed off before its first statement, its second, ..., until it gets through; how often it broke."""
    for number in range(500):
        try:
            with connection.execute_wrapper(crash_at(number)):
                deed()
            return number
        except Lost:
            assert is_as_before(), f"broken off before statement {number}"
    raise AssertionError("it never got through")


def test_a_booking_broken_off_anywhere_leaves_nothing_and_is_done_by_the_next_try(cast):
    proposal, what = say_yes(ask(cast["ted"]), cast["tia"], cast["ann"]), done()
    rows = JournalEntry.objects.count()

    def is_as_before():
        return (Proposal.objects.get().state, JournalEntry.objects.count()) == ("approved", rows)

    assert crash_everywhere(lambda: book(proposal, what, cast["ted"]), is_as_before) > 15
    assert (Proposal.objects.get().state, JournalEntry.objects.filter(kind="sale").count()) == ("booked", 1)
    assert book(proposal, what, cast["ted"]).state == "booked"
    assert list(check.faults()) == []


def test_a_pledge_broken_off_anywhere_moves_loan_and_coins_together(cast):
    proposal = say_yes(ask(cast["ted"], "release", loan="A", wallet="hot", sat=BTC), cast["tia"])
    what = done()

    def is_as_before():
        return Proposal.objects.get().state == "approved" and queries.coins(what.at).pledged_sat == {"A": 20 * BTC}

    assert crash_everywhere(lambda: book(proposal, what, cast["ted"]), is_as_before) > 15
    assert queries.coins(done().at).pledged_sat == {"A": 19 * BTC}


def test_an_approval_broken_off_anywhere_counts_nothing(cast):
    proposal = ask(cast["ted"], "address", name="Antalpha", address=LENDER, purpose="lender")

    def is_as_before():
        return not (ProposalApproval.objects.exists() or Beneficiary.objects.exists())

    assert crash_everywhere(lambda: approve(proposal, proposal.digest, cast["tia"], "called back"), is_as_before) > 10
    assert Beneficiary.objects.count() == 1


def test_a_lenders_act_broken_off_anywhere_is_not_there(cast):
    today = f"{done().at:%Y-%m-%d}"
    row = ask(cast["ted"], "liquidation", loan="A", sat=BTC, price_usd="30000", on=today, reason=WHY)

    def is_as_before():
        return not LoanEvent.objects.filter(kind="liquidation").exists() and Proposal.objects.get().state == "proposed"

    assert crash_everywhere(lambda: approve(row, row.digest, cast["tia"]), is_as_before) > 15
    assert (Proposal.objects.get().state, LoanEvent.objects.filter(kind="liquidation").count()) == ("booked", 1)
    assert list(check.faults()) == []


def test_a_connection_that_dies_while_it_books_leaves_it_to_be_booked(cast):
    proposal, what = say_yes(ask(cast["ted"]), cast["tia"], cast["ann"]), done()
    failed = []

    def doomed():
        try:
            with transaction.atomic():
                book(proposal, what, cast["ted"])
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=doomed)
    thread.start()
    thread.join()

    assert len(failed) == 1
    assert Proposal.objects.get().state == "approved"
    assert book(proposal, what, cast["tia"]).state == "booked"
    assert JournalEntry.objects.filter(kind="sale").count() == 1


def test_two_who_end_what_is_late_end_it_once(cast):
    proposal = ask(cast["ted"])

    ended = each(*[lambda: expire.close_late(proposal.not_after)] * 3)

    assert sum(ended) == 1
