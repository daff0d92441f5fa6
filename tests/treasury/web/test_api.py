import pytest

from cango_ops.base import clock
from sites.models import Operator, Role
from tests.treasury.books.worlds import day, mined, sold
from tests.treasury.web.worlds import make_treasury, member
from tests.web.callers import by_key, by_session, expired, key_of
from treasury.books.post import post

pytestmark = pytest.mark.django_db

ADDRESSES = (
    "/api/v1/treasury/",
    "/api/v1/treasury/balances/",
    "/api/v1/treasury/rollforward/?from=2025-07-01T00:00:00Z&to=2025-08-01T00:00:00Z&source=coinbase",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_only_who_may_see_the_books_is_answered(client, address):
    partner = Operator.objects.create(code="partner", name="Partner Mining")

    assert client.get(address).status_code == 401
    assert by_session(member("Bo", Role.MANAGER)).get(address).status_code == 403
    assert by_session(member("Cy", Role.TREASURER, operator=partner)).get(address).status_code == 403
    treasurer = member("Ada", Role.TREASURER)
    assert by_session(treasurer).get(address).status_code == 200
    assert by_key(key_of(treasurer)).get(address).status_code == 200
    assert expired(member("Di", Role.TREASURER)).get(address).status_code == 401


def test_the_position_is_satoshis_and_decimal_strings():
    make_treasury(clock.now())

    answer = by_session(member("Ada", Role.TREASURER)).get(ADDRESSES[0]).json()

    assert (answer["held_sat"], answer["pledged_sat"]) == (989_987_654_322, 350_000_000_000)
    assert answer["quote"]["price_usd"] == "88000.00"
    called = answer["loans"][2]
    assert (called["code"], called["debt_usd"], called["state"]) == ("ANT-3", "7630400.00", "critical")
    assert called["top_up_sat"] == 2_387_012_988


def test_balances_at_an_instant_and_of_a_prefix():
    post([mined("m1", 1, 100, 50), sold("s1", 3, 10)], "test")
    ada = by_session(member("Ada", Role.TREASURER))

    before = ada.get("/api/v1/treasury/balances/?prefix=Assets:Bitcoin:&at=2025-07-02T12:00:00Z").json()
    cash = ada.get("/api/v1/treasury/balances/?prefix=Assets:Cash").json()

    assert before == [{"account": "Assets:Bitcoin:Wallet:hot", "currency": "BTC", "sat": 100, "amount": None}]
    assert cash == [{"account": "Assets:Cash", "currency": "USD", "sat": None, "amount": "20.00"}]


def test_a_roll_forward_ties_and_names_missing_prices():
    post([mined("m1", 1, 100, 50), sold("s1", 3, 10)], "test")

    answer = by_session(member("Ada", Role.TREASURER)).get(ADDRESSES[2]).json()

    assert (answer["mined_sat"], answer["sold_sat"], answer["closing_sat"], answer["ties"]) == (100, 10, 90, True)
    assert (answer["additions_usd"], answer["closing_fair_value_usd"]) == ("50.00", None)
    assert answer["missing"][1] == f"no price of coinbase at {day(32):%Y-%m-%d} 00:00 UTC"


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("balances/?at=soon", "at"), ("balances/?day=1", "day"), ("rollforward/?from=2025-07-01", "to"),
        ("rollforward/?from=2025-07-01&to=2025-06-01&source=x", "to"),
        ("balances/?at=0001-01-01T00:00:00%2B05:00", "at"),
        ("rollforward/?from=2025-07-01&to=2025-08-01", "source"),
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_named(query, word):
    answer = by_session(member("Ada", Role.TREASURER)).get(f"/api/v1/treasury/{query}")

    assert answer.status_code == 400
    assert word in answer.content.decode()
