"""The address book: added by one, verified by another, effective after a while, never changed."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from tests.treasury.proposals.worlds import LENDER, OWN, ask, booked, known, rewind, say_yes
from treasury.closing.close import Refused
from treasury.models import Beneficiary
from treasury.proposals.approve import approve
from treasury.proposals.beneficiaries import retire

pytestmark = pytest.mark.django_db

D = Decimal


def test_an_address_is_added_by_one_verified_by_another_and_cools_off(cast):
    proposal = ask(cast["ted"], "address", name="Antalpha", address=LENDER.upper(), purpose="lender")
    with pytest.raises(Refused, match="say why"):
        approve(proposal, proposal.digest, cast["tia"], "")
    say_yes(proposal, cast["tia"])

    row = Beneficiary.objects.get()
    assert (row.address, row.script, row.added_by, row.verified_by) == (LENDER, "p2wpkh", cast["ted"], cast["tia"])
    assert row.effective_at - row.verified_at == timedelta(hours=24)
    assert row.verified_how == "called back on the number we know"
    with pytest.raises(Refused, match="Antalpha is cooling off until"):
        ask(cast["ted"], "pledge", loan="A", wallet="hot", sat=1, beneficiary="Antalpha")
    rewind(row, 24)
    assert ask(cast["ted"], "pledge", loan="A", wallet="hot", sat=1, beneficiary="Antalpha").state == "proposed"


def test_a_pledge_goes_to_a_lender_and_a_transfer_to_no_lender(cast):
    known(cast)
    known(cast, "cold", OWN, "own")

    with pytest.raises(Refused, match="cold is a wallet of ours, which is not what this is for"):
        ask(cast["ted"], "pledge", loan="A", wallet="hot", sat=1, beneficiary="cold")
    with pytest.raises(Refused, match="not what this is for"):
        ask(cast["ted"], "transfer", wallet="hot", sat=1, beneficiary="Antalpha")


def test_what_is_retired_meanwhile_receives_nothing(cast):
    row = known(cast)
    waits, stands = (ask(cast["ted"], "pledge", loan="A", wallet="hot", sat=n, beneficiary="Antalpha") for n in (1, 2))
    stands = say_yes(stands, cast["tia"])

    retire(row, cast["tia"], "the lender changed its custodian")

    with pytest.raises(Refused, match="no verified entry"):
        say_yes(waits, cast["tia"])
    with pytest.raises(Refused, match="no verified entry"):
        booked(stands, cast["ted"])
    with pytest.raises(Refused, match="retired already"):
        retire(row, cast["ted"], "the lender changed its custodian")


def test_a_name_and_an_address_stand_once_in_the_book(cast):
    row = known(cast)

    for raw, why in (({"name": "Antalpha", "address": OWN}, "retire it first"),
                     ({"name": "Other", "address": LENDER}, "already, as Antalpha")):  # fmt: skip
        with pytest.raises(Refused, match=why):
            ask(cast["ted"], "address", purpose="lender", **raw)
    retire(row, cast["ted"], "the lender changed its custodian")
    assert known(cast, address=OWN).name == "Antalpha"


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE treasury_beneficiary SET address = '{OWN}'",
        "UPDATE treasury_beneficiary SET effective_at = now() - interval '1 year'",
        "DELETE FROM treasury_beneficiary",
    ],
)
def test_an_entry_of_the_book_is_never_changed(cast, statement):
    known(cast)

    with pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute(statement)
