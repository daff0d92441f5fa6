"""From a figure to the entries of the books, and from an entry to all that it stands on."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from compute.models import PoolAccount
from sites.models import Operator
from tests.treasury.closing.worlds import OCTOBER, mined_on, people
from tests.web.callers import by_session
from treasury.books.post import post
from treasury.ledger.facts import Acquired, Origin, Sold
from treasury.models import PoolEarning, PoolPayout
from treasury.reports import ledger_rows
from treasury.web.reports.lineage import link_of

pytestmark = pytest.mark.django_db

ENTRIES = "/treasury/reports/2025-10/entries/btc_produced/"
AT = datetime(2025, 10, 5, 12, tzinfo=UTC)


@pytest.fixture
def cast():
    return people()


@pytest.fixture
def paid(cast):
    """A payout of the pool as it was booked, with what the pool had credited for it."""
    company, _ = Operator.objects.get_or_create(code="cango", defaults={"name": "Cango", "is_company": True})
    account = PoolAccount.objects.create(name="main", operator=company, provider="braiins")
    for day in (2, 3, 4):
        PoolEarning.objects.create(account=account, day=date(2025, 10, day), amount_sat=10**8, source="api")
    payout = PoolPayout.objects.create(account=account, key="tx9", paid_at=AT, amount_sat=3 * 10**8, source="api")
    source = payout.source_id
    fact = Acquired(AT, 0, source, Origin.MINED, "pool-hot", source, 3 * 10**8, Decimal("330000.00"))
    post([fact], "pool payouts", {source: {"pool": "main", "price": {"source": "feed"}}})
    return payout


def test_the_entries_behind_a_figure_are_listed_with_their_sum(cast, paid):
    post([mined_on(7, sat=10**8), mined_on(1, month=11)], "test")

    page = by_session(cast["ines"]).get(ENTRIES).content.decode()
    rows = by_session(cast["ines"]).get(f"/api/v1{ENTRIES}").json()

    assert "Bitcoin produced, October 2025: 2 entries of the books" in page
    assert "4.00000000" in page
    assert [(row["entry"], row["amount_sat"]) for row in rows] == [(paid.source_id, 3 * 10**8), ("m10-7", 10**8)]
    assert sum(row["amount_sat"] for row in rows) == 4 * 10**8


def test_an_entry_opens_to_its_postings_its_evidence_and_the_pools_statement(cast, paid):
    page = by_session(cast["ines"]).get("/treasury/reports/entry/", {"source": paid.source_id}).content.decode()

    assert "Assets:Bitcoin:Wallet:pool-hot" in page
    assert "Price source" in page
    assert "says that it paid" in page
    assert "<code>tx9</code>" in page
    assert page.count(" Oct 2025") >= 4  # the payout and the three days that the pool credited


def test_a_sale_opens_to_the_lots_that_it_took(cast, paid):
    post([Sold(AT.replace(day=9), 0, "sale-1", "pool-hot", 10**8, Decimal("115000.00"))], "desk")

    found = ledger_rows.sources_of("sale-1")

    assert [(use.lot.source_id, use.sat, use.basis_usd) for use in found.uses] == [
        (paid.source_id, 10**8, Decimal("110000.00"))
    ]
    assert (
        "Lots that it took"
        in by_session(cast["ted"]).get("/treasury/reports/entry/", {"source": "sale-1"}).content.decode()
    )


def test_what_is_not_there_is_not_found_and_who_may_not_look_is_refused(cast, paid):
    ines, vic = by_session(cast["ines"]), by_session(cast["vic"])

    assert ines.get("/treasury/reports/entry/", {"source": "x"}).status_code == 404
    assert ines.get("/treasury/reports/entry/").status_code == 404
    assert ines.get("/treasury/reports/2025-10/entries/uptime_pct/").status_code == 404
    assert ines.get("/treasury/reports/2025-13/entries/btc_produced/").status_code == 404
    for address in (ENTRIES, f"/treasury/reports/entry/?source={paid.source_id}", f"/api/v1{ENTRIES}"):
        assert vic.get(address).status_code == 403


def test_the_number_of_questions_does_not_grow_with_the_entries(cast, paid, django_assert_max_num_queries):
    post([mined_on(day) for day in range(6, 30)], "test")

    with django_assert_max_num_queries(3):
        assert len(ledger_rows.entries_behind(OCTOBER, "btc_produced")) == 25


@pytest.mark.parametrize(
    ("step", "figure", "address"),
    [
        ("entry:payout/1/a b", "btc_produced", "/treasury/reports/entry/?source=payout%2F1%2Fa+b"),
        ("and 300 more entries", "btc_produced", ENTRIES),
        ("ledger:Income:Sales", "sale_proceeds_usd", "/treasury/"),
        ("balance:Assets:Bitcoin:Wallet:cold", "btc_held", "/treasury/wallets/"),
        ("balance:Assets:Bitcoin:Loan:A", "btc_held", "/treasury/loans/A/"),
        ("loan:A", "loan_debt_usd", "/treasury/loans/A/"),
        ("rollups:PECOS", "uptime_pct", "/treasury/reports/2025-10/sites/PECOS/"),
        ("days:PECOS/2025-10", "energy_mwh", "/treasury/reports/2025-10/sites/PECOS/"),
        ("windows:PECOS", "lost_maintenance_pct", "/sites/PECOS/outages/"),
        ("orders:PECOS", "lost_curtailed_pct", "/commands/?site=PECOS"),
        ("cost:c1", "cash_cost_per_btc_usd", "/treasury/value/?month=2025-10"),
        ("price:feed@2025-10-31T23:59:00Z", "btc_price_usd", "/treasury/reports/2025-10/price/"),
        ("hindsight:PECOS", "switching_gain_usd", "/sites/PECOS/switching/"),
        ("decision:PECOS/7", "switched_mwh", "/sites/PECOS/switching/"),
        ("gpus:PECOS/2025-10", "gpu_hours_sold", "/treasury/ai/?month=2025-10"),
        ("https://example.com/x (press)", "btc_held", "https://example.com/x"),
        ("published:Cango/2025-10/btc_held", "btc_held", ""),
    ],
)
def test_each_step_of_a_lineage_leads_to_its_source(step, figure, address):
    assert link_of(step, "2025-10", figure) == address
