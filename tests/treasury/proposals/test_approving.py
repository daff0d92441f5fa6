"""Who approves what, once each, and how a proposal ends."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from cango_ops.base import clock
from sites import rights
from sites.models import ApiToken
from tests.treasury.proposals.worlds import ask, booked, say_yes
from treasury.closing.close import Refused
from treasury.models import Proposal, ProposalApproval
from treasury.proposals import expire
from treasury.proposals.approve import approve, reject, withdraw

pytestmark = pytest.mark.django_db

D = Decimal


def test_nobody_approves_his_own(cast):
    proposal = ask(cast["ted"])

    with pytest.raises(Refused, match="proposal of their own"):
        say_yes(proposal, cast["ted"])
    with pytest.raises(DatabaseError, match="of their own"), transaction.atomic():
        ProposalApproval.objects.create(
            proposal=proposal, approver=cast["ted"], digest=proposal.digest, at=clock.database_now()
        )


@pytest.mark.parametrize("name", ["ines", "vic"])
def test_who_has_no_right_neither_proposes_nor_approves(cast, name):
    proposal = ask(cast["ted"])

    user = cast[name]
    for deed in (lambda: ask(user), lambda: say_yes(proposal, user), lambda: booked(proposal, user),
                 lambda: reject(proposal, user, "no, not today")):  # fmt: skip
        with pytest.raises(Refused, match="no right"):
            deed()


@pytest.mark.parametrize("scopes", [["read"], ["write"], ["read", "write"]])
def test_a_token_never_proposes_nor_approves(cast, scopes):
    proposal = ask(cast["ted"])
    assert set(scopes) <= set(ApiToken.Scope.values)
    tia = cast["tia"]
    tia.token_rights = rights.of_scopes(scopes)

    for deed in (lambda: ask(tia), lambda: say_yes(proposal, tia), lambda: booked(proposal, tia)):
        with pytest.raises(Refused, match="no right"):
            deed()


def test_one_person_counts_once_and_two_make_it_approved(cast):
    proposal = ask(cast["ted"])

    say_yes(proposal, cast["tia"], cast["tia"])
    assert Proposal.objects.get().state == "proposed"
    assert say_yes(proposal, cast["ann"]).state == "approved"
    assert ProposalApproval.objects.count() == 2


def test_approval_is_of_the_content_that_was_looked_at(cast):
    with pytest.raises(Refused, match="not what you looked at"):
        approve(ask(cast["ted"]), "0" * 64, cast["tia"])


def test_what_ended_is_not_approved_and_not_booked(cast):
    first, second, third = (ask(cast["ted"], wallet="hot", sat=n + 1) for n in range(3))
    reject(first, cast["tia"], "the price is too low today")
    withdraw(second, cast["ted"], "no longer needed today")
    with pytest.raises(Refused, match="only its maker"):
        withdraw(third, cast["tia"], "let us not do this")

    for proposal, word in ((first, "rejected"), (second, "withdrawn")):
        with pytest.raises(Refused, match=word):
            say_yes(proposal, cast["ann"])
        with pytest.raises(Refused, match=word):
            booked(proposal, cast["ted"])
        with pytest.raises(Refused, match=word):
            withdraw(proposal, cast["ted"], "take it back again")


def test_a_yes_said_again_in_an_old_tab_is_told_what_became_of_it(cast):
    proposal = say_yes(ask(cast["ted"]), cast["tia"])
    reject(proposal, cast["ann"], "the price is too low today")

    with pytest.raises(Refused, match=r"it is rejected by now \(ann@example.com: the price is too low today\)"):
        say_yes(proposal, cast["tia"])


def test_an_approval_can_be_taken_back_until_it_is_booked(cast):
    proposal = say_yes(ask(cast["ted"]), cast["tia"], cast["ann"])

    reject(proposal, cast["tia"], "the desk quotes far below")

    with pytest.raises(Refused, match="rejected"):
        booked(proposal, cast["ted"])


def test_time_ends_what_nobody_approved_and_later_what_nobody_booked(cast):
    waits, stands = ask(cast["ted"]), say_yes(ask(cast["ted"]), cast["tia"], cast["ann"])

    assert expire.close_late(clock.database_now()) == 0
    assert expire.close_late(clock.database_now() + timedelta(hours=49)) == 1
    assert expire.close_late(clock.database_now() + timedelta(days=10)) == 1
    assert {Proposal.objects.get(pk=one.pk).end_reason for one in (waits, stands)} == {
        "nobody approved it in time", "it was not booked in time",
    }  # fmt: skip
