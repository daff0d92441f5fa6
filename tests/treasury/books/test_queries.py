from datetime import timedelta
from decimal import Decimal

import pytest

from sites.models import Membership, Operator, Role
from tests.treasury.books.worlds import PAR, day, mined, moved, pledged, sold
from tests.worlds import make_user
from treasury.books import queries
from treasury.books.post import post
from treasury.ledger.facts import Origin
from treasury.models import JournalEntry, PriceMark

pytestmark = pytest.mark.django_db

D = Decimal
MARKET = "coinbase"
YEAR = [
    mined("o1", 1, 1000, 500, origin=Origin.OPENING),
    mined("m1", 10, 300, 600),
    mined("b1", 20, 100, 250, origin=Origin.BOUGHT),
    pledged("p1", 25, 200),
    sold("s1", 30, 400, times=3, fee="50.00"),
    moved("t1", 40, 100, fee=10),
]


@pytest.fixture(autouse=True)
def year(db):
    post(YEAR, "test")
    for number, times in ((1, 1), (31, 2), (91, 4)):
        PriceMark.objects.create(source=MARKET, at=day(number), price_usd=PAR * times)


def test_a_balance_counts_postings_of_its_very_instant():
    at = day(30)

    assert queries.coins(at).free_sat == 800
    assert queries.coins(at, before=True).free_sat == 1200
    assert queries.coins(at - timedelta(microseconds=1)).free_sat == 1200


def test_a_balance_lies_between_two_midnights_too():
    assert queries.coins(day(30) + timedelta(hours=5)).wallets_sat == {"hot": 800}
    assert queries.coins(day(25) + timedelta(hours=5)).pledged_sat == {"A": 200}


def test_the_roll_forward_of_july_ties_in_satoshis_and_dollars():
    period = queries.rollforward(day(1), day(31), MARKET)

    assert period.quantities == (0, 1000, 300, 100, 400, 0, 1000)
    assert period.quantities.ties
    table = period.fair_value
    # 1,000 sat at 2 dollars; 1,350 came; 400 at 3 less 50 went; the oldest 400 of 1,000 had cost 200.
    assert (table.additions_usd, table.dispositions_usd) == (D("1350.00"), D("1150.00"))
    assert (table.closing_fair_value_usd, table.net_gain_loss_usd) == (D("2000.00"), D("1800.00"))
    assert (table.cost_basis_usd, period.realised_gain_usd) == (D("1150.00"), D("950.00"))
    assert table.unrealised_cumulative_usd == D("850.00")


def test_the_next_period_begins_where_the_last_one_ended():
    july, later = queries.rollforward(day(1), day(31), MARKET), queries.rollforward(day(31), day(91), MARKET)

    assert later.quantities.opening_sat == july.quantities.closing_sat
    assert later.fair_value.opening_fair_value_usd == july.fair_value.closing_fair_value_usd
    assert later.quantities.burnt_sat == 10
    assert later.fair_value.dispositions_usd == D("20.00")


def test_a_missing_price_is_said_and_no_gain_is_invented():
    period = queries.rollforward(day(1), day(60), MARKET)

    assert period.missing == ["no price of coinbase at 2025-08-29 00:00 UTC"]
    assert (period.fair_value.closing_fair_value_usd, period.fair_value.net_gain_loss_usd) == (None, None)
    assert queries.rollforward(day(60), day(91), MARKET).fair_value is None


def member(name, role, **scope):
    user = make_user(name)
    Membership.objects.create(user=user, role=role, **scope)
    return user


@pytest.mark.parametrize("role", [Role.TREASURER, Role.INVESTOR_RELATIONS, Role.ADMIN])
def test_treasury_investor_relations_and_admins_see_the_books(role):
    user = member("Ada", role)

    assert JournalEntry.objects.visible_to(user).count() == 8
    assert len(queries.open_lots(user)) == 3
    assert len(queries.entries_between(user, day(1), day(11))) == 2


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR, Role.MANAGER])
def test_others_see_nothing_of_them(role):
    user = member("Bo", role)

    assert not JournalEntry.objects.visible_to(user).exists()
    assert queries.open_lots(user) == []
    assert queries.entries_between(user, day(1), day(99)) == []


def test_the_treasurer_of_a_partner_does_not_see_the_company_s_books():
    partner = Operator.objects.create(code="SOLANO", name="Solano")

    assert not JournalEntry.objects.visible_to(member("Cy", Role.TREASURER, operator=partner)).exists()
