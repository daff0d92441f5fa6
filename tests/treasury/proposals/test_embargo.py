"""Windows that forbid sales, exceptions that two others allow, and the insiders' list."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from cango_ops.base import clock
from tests.treasury.proposals.worlds import BTC, WHY, allowed, ask, booked, done, forbid, say_yes, soon
from treasury.closing.close import Refused
from treasury.models import EmbargoException, EmbargoWindow, Insider, Proposal, Report
from treasury.models.journal import may_see
from treasury.proposals import blackouts, embargo, insiders

pytestmark = pytest.mark.django_db


def test_inside_a_window_no_sale_is_made_and_other_things_are(cast):
    forbid(cast["ines"])

    with pytest.raises(Refused, match=r"Blackout, until .* UTC: a sale takes an exception that two others allow"):
        ask(cast["ted"])
    assert ask(cast["ted"], "release", loan="A", wallet="hot", sat=BTC).state == "proposed"


@pytest.mark.parametrize("kind", ["sell_to_fund", "repay_in_coins"])
def test_every_way_in_which_coins_leave_for_money_is_a_sale(cast, kind):
    forbid(cast["ines"], kind="quarter_end")
    terms = {"need_usd": "100", "wallet": "hot"} if kind == "sell_to_fund" else {"loan": "A"}

    with pytest.raises(Refused, match="Quarter end, until"):
        ask(cast["ted"], kind, sat=BTC, **terms)


def test_a_sale_made_before_is_neither_approved_nor_booked_inside(cast):
    waits, agreed = ask(cast["ted"], wallet="hot", sat=1), say_yes(ask(cast["ted"]), cast["tia"], cast["ann"])
    forbid(cast["ines"])

    with pytest.raises(Refused, match="has no exception"):
        say_yes(waits, cast["tia"])
    with pytest.raises(Refused, match="has no exception"):
        booked(agreed, cast["ted"])


def test_with_an_exception_by_two_others_it_is_made_approved_and_booked_once(cast):
    forbid(cast["ines"])
    assert allowed(cast).state == "booked"

    sale = ask(cast["ted"])
    with pytest.raises(Refused, match="a sale takes an exception"):
        ask(cast["ted"], wallet="hot", sat=1)

    assert booked(say_yes(sale, cast["tia"], cast["ann"]), cast["ted"]).state == "booked"
    assert EmbargoException.objects.get().sale_id == sale.pk
    assert "Blackout, until" in EmbargoException.objects.get().windows


def test_an_exception_takes_two_others_and_covers_its_maker_and_no_more_than_its_coins(cast):
    forbid(cast["ines"])
    asked = ask(cast["ted"], "exception", sat=BTC, until=soon(), reason=WHY)

    assert say_yes(asked, cast["tia"]).state == "proposed"
    with pytest.raises(Refused, match="nobody approves a proposal of their own"):
        say_yes(asked, cast["ted"])
    assert say_yes(asked, cast["ann"]).state == "booked"
    for user, sat in ((cast["tia"], BTC), (cast["ted"], BTC + 1)):
        with pytest.raises(Refused, match="a sale takes an exception"):
            ask(user, wallet="hot", sat=sat)


def test_a_sale_that_waits_gets_an_exception_of_its_own(cast):
    sale = ask(cast["ted"])
    forbid(cast["ines"])
    with pytest.raises(Refused, match=f"proposal {sale.pk} is over 1.00 BTC"):
        allowed(cast, sat=BTC - 1, proposal=sale.pk)

    allowed(cast, proposal=sale.pk)

    assert say_yes(sale, cast["tia"], cast["ann"]).state == "approved"


def test_without_a_window_there_is_nothing_to_be_excepted_from(cast):
    with pytest.raises(Refused, match="there is no embargo"):
        allowed(cast)


def test_before_a_release_those_who_know_do_not_sell(cast):
    report = frozen()
    assert embargo.windows(clock.now()) == []

    Report.objects.filter(pk=report.pk).update(release_at=clock.now() + timedelta(hours=2))
    with pytest.raises(Refused, match="Before the release of October 2025, until the report is out"):
        ask(cast["ted"])

    Report.objects.filter(pk=report.pk).update(state="withdrawn")
    assert ask(cast["ted"]).state == "proposed"


def frozen():
    now = clock.database_now()
    return Report.objects.create(
        month="2025-10-01", version=1, basis="ledger", snapshot=b"{}", sha256="0" * 64, made_at=now,
        made_by="ines@example.com", made_by_id=1,
    )  # fmt: skip


def test_a_window_binds_those_on_the_list_and_one_for_everybody_binds_all(cast):
    insiders.enlist(cast["tia"], WHY, cast["ines"])
    window = forbid(cast["ines"])

    sale = ask(cast["ted"], wallet="hot", sat=1)
    with pytest.raises(Refused, match="has no exception"):
        say_yes(sale, cast["tia"])
    assert say_yes(sale, cast["ann"]).approvals.count() == 1

    forbid(cast["ines"], binds="everyone")
    assert [one.binds for one in embargo.binding(cast["ann"], clock.now())] == ["everyone"]
    assert embargo.binding(cast["tia"], clock.now())[0].row == window


def test_who_leaves_the_list_inside_a_window_stays_bound_by_it(cast):
    for who in ("tia", "ann"):
        insiders.enlist(cast[who], WHY, cast["ines"])
    forbid(cast["ines"])

    insiders.delist(Insider.objects.get(user=cast["tia"]), "moved to another company", cast["ines"])

    assert embargo.binding(cast["tia"], clock.now())
    assert not embargo.binding(cast["ted"], clock.now())


def test_a_window_is_lifted_by_two(cast):
    row = forbid(cast["ines"])
    with pytest.raises(Refused, match="nobody has asked"):
        blackouts.lift(row, cast["tia"])
    blackouts.ask_to_lift(row, "the figures are out", cast["ines"])
    with pytest.raises(Refused, match="another person"):
        blackouts.lift(row, cast["ines"])

    blackouts.lift(row, cast["tia"])

    assert ask(cast["ted"]).state == "proposed"


def test_who_keeps_no_reports_and_no_months_sets_nothing(cast):
    for deed in (lambda: forbid(cast["vic"]), lambda: insiders.enlist(cast["tia"], WHY, cast["vic"])):
        with pytest.raises(Refused, match="you have no right"):
            deed()


def test_the_list_is_kept_by_others_and_lets_in_those_alone_who_are_on_it(cast):
    assert may_see(cast["ted"])
    with pytest.raises(Refused, match="nobody puts himself"):
        insiders.enlist(cast["ines"], WHY, cast["ines"])

    insiders.enlist(cast["tia"], WHY, cast["ines"])

    assert [may_see(cast[who]) for who in ("tia", "ted", "ines", "vic")] == [True, False, False, False]
    with pytest.raises(Refused, match="the last one stays"):
        insiders.delist(Insider.objects.get(), WHY, cast["ines"])
    with pytest.raises(Refused, match="is on the list"):
        insiders.enlist(cast["tia"], WHY, cast["ines"])


# What the database holds, whoever writes.


def test_the_database_refuses_a_sale_under_an_embargo_whatever_the_code_does(cast):
    agreed, waits = say_yes(ask(cast["ted"]), cast["tia"], cast["ann"]), ask(cast["ted"], wallet="hot", sat=1)
    forbid(cast["ines"])
    what = done()

    def new():
        Proposal.objects.create(
            key=uuid.uuid4(), kind="sale", terms=waits.terms, digest=waits.digest, reason="past the code",
            maker=cast["ted"], made_as="treasurer", proposed_at=waits.proposed_at, not_after=waits.not_after,
            approvals_needed=1, ruling="none",
        )  # fmt: skip
        connection.check_constraints()

    book = Proposal.objects.filter(pk=agreed.pk)
    marks = {"booked_at": what.at, "booked_by": cast["ted"], "evidence": what.evidence}
    attempts = (
        new,
        lambda: waits.approvals.create(approver=cast["tia"], digest=waits.digest, at=what.at),
        lambda: book.update(state="booked", **marks),
    )
    for attempt in attempts:
        with pytest.raises(IntegrityError, match="no sale under an embargo"), transaction.atomic():
            attempt()


def test_the_database_keeps_windows_lists_and_exceptions(cast):
    window, row = forbid(cast["ines"]), insiders.enlist(cast["tia"], WHY, cast["ines"])
    insiders.enlist(cast["ted"], WHY, cast["ines"])
    exception = EmbargoException.objects.get(proposal=allowed(cast))
    attempts = (
        lambda: EmbargoWindow.objects.filter(pk=window.pk).update(ends_at=clock.now()),
        lambda: EmbargoWindow.objects.filter(pk=window.pk).delete(),
        lambda: Insider.objects.filter(pk=row.pk).update(added_at=clock.now()),
        lambda: Insider.objects.filter(pk=row.pk).delete(),
        lambda: EmbargoException.objects.filter(pk=exception.pk).update(sat=exception.sat + 1),
        lambda: EmbargoException.objects.create(
            proposal=ask(cast["ted"], "exception", sat=1, until=soon(), reason=WHY), sat=1, until=exception.until,
            windows="",
        ),
    )  # fmt: skip
    for attempt in attempts:
        with pytest.raises(IntegrityError, match=r"never changed|takes two others"), transaction.atomic():
            attempt()
