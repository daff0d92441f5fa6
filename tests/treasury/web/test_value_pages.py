"""Value, stress and AI revenue, by page and by REST: who sees them, what they say, what people may do there."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from cango_ops.base import clock
from sites.models import Operator, PowerContract, Role
from tests.treasury.earnings.worlds import DAY, contract, draw, hash_for, pecos
from tests.treasury.web.worlds import make_loan, make_treasury, member
from tests.web.callers import by_key, by_session, expired, key_of
from treasury.earnings.days import tell_day
from treasury.equity.imports import load
from treasury.models import ContractDay, ShareChange

pytestmark = pytest.mark.django_db

PAGES = ("/treasury/value/", "/treasury/stress/", "/treasury/ai/")
API = tuple(f"/api/v1/treasury/{name}/" for name in ("value", "shares", "costs", "ai", "stress"))
HEAD = "source,record,on,class,kind,shares,price_usd\n"


@pytest.mark.parametrize("address", PAGES)
def test_only_who_sees_the_books_sees_the_pages(client, address):
    partner = Operator.objects.create(code="partner", name="Partner Mining")

    for stranger in (member("Bo", Role.MANAGER), member("Cy", Role.TREASURER, operator=partner)):
        assert by_session(stranger).get(address).status_code == 403
    assert client.get(address).status_code == 302
    for role in (Role.TREASURER, Role.INVESTOR_RELATIONS, Role.ADMIN):
        assert by_session(member(role.value, role)).get(address).status_code == 200


@pytest.mark.parametrize("address", API)
def test_only_who_sees_the_books_is_answered(client, address):
    partner = Operator.objects.create(code="partner", name="Partner Mining")

    assert client.get(address).status_code == 401
    assert by_session(member("Bo", Role.MANAGER)).get(address).status_code == 403
    assert by_session(member("Cy", Role.TREASURER, operator=partner)).get(address).status_code == 403
    treasurer = member("Ada", Role.TREASURER)
    assert by_session(treasurer).get(address).status_code == 200
    assert by_key(key_of(treasurer)).get(address).status_code == 200
    assert expired(member("Di", Role.TREASURER)).get(address).status_code == 401


def shown(address, role=Role.TREASURER):
    return by_session(member("Ada", role)).get(address).content.decode()


def capital(now):
    today, before = now.date(), (now - timedelta(days=1)).date()
    lines = (
        f"s,shares,2024-12-31,A,opening,100000000,\np,price,{before},,,,5.00\nr,shares,{today},B,raise,1000000,2.00\n"
    )
    load((HEAD + lines).encode(), "test")


def test_with_nothing_each_page_says_what_is_missing():
    assert "Value not known: no share price is written down" in shown(PAGES[0])
    ada = by_session(member("Eve", Role.TREASURER))
    assert "Nothing can be stressed: no price was ever read" in ada.get(PAGES[1]).content.decode()
    assert "No GPU-hours are known of" in ada.get(PAGES[2]).content.decode()


def test_the_value_is_three_multiples_each_by_its_name():
    now = clock.now()
    make_treasury(now)
    capital(now)

    page = shown(PAGES[0])

    # 9,899.87654322 BTC at 88,000 are 871,189,136; 101m shares at 5.00 are 505m.
    assert "<h1>mNAV 0.58 by market cap, " in page
    for words in ("mNAV, enterprise value", "mNAV, net assets", "Sats a diluted share", "close of", "2 sources agree"):
        assert words in page
    assert "2,000,000" in page


def test_the_value_by_rest_is_decimals_with_their_sources():
    now = clock.now()
    make_treasury(now)
    capital(now)

    answer = by_session(member("Ada", Role.TREASURER)).get(API[0]).json()

    assert (answer["held_sat"], answer["shares"]) == (989_987_654_322, {"A": 100_000_000, "B": 1_000_000})
    assert answer["nav"]["btc_nav_usd"] == "871189135.80"
    assert answer["nav"]["mnav_market_cap"] == "0.5797"
    assert answer["share_price"]["usd"] == "5.000000"
    assert answer["reasons"] == []


def test_the_stress_page_says_how_far_bitcoin_may_fall():
    now = clock.now()
    make_treasury(now)
    client = by_session(member("Ada", Role.TREASURER))

    page = client.get(PAGES[1]).content.decode()
    answer = client.get(API[4]).json()

    assert "<h1>A loan is called at the price of now</h1>" in page
    assert page.count('class="heat-map"') == 1
    assert "How long money lasts is not known" in page
    assert answer["rooms"][0]["pct"] is None
    assert len(answer["cells"]) == 8
    assert answer["cells"][1]["loans"] == {"ANT-1": "ok", "ANT-2": "ok", "ANT-3": "margin_call"}
    assert answer["cells"][1]["monthly_usd"] is None


def test_an_act_is_shown_and_not_done():
    make_treasury(clock.now())
    client = by_session(member("Ada", Role.TREASURER))

    page = client.get(f"{PAGES[1]}?act=pledge&amount=23.9&loan=ANT-3").content.decode()
    short = client.get(f"{PAGES[1]}?act=sell&amount=99999").content.decode()

    assert "What the act would change, table" in page
    assert "sell: " in short
    assert " sat short" in short


@pytest.mark.parametrize(
    "query", ["rate=9", "rate=x", "act=burn&amount=1", "act=sell&amount=0", "act=sell&amount=nan", "act=sell"]
)
def test_a_wrong_question_to_the_stress_page_is_a_bad_request(query):
    assert by_session(member("Ada", Role.TREASURER)).get(f"{PAGES[1]}?{query}").status_code == 400


def test_an_act_that_is_not_understood_loses_nothing_that_was_typed():
    make_treasury(clock.now())
    client = by_session(member("Ada", Role.TREASURER))

    wrong = client.get(f"{PAGES[1]}?rate=2&act=pledge&amount=1,250&loan=ANT-3").content.decode()
    right = client.get(f"{PAGES[1]}?rate=2&act=pledge&amount=1250&loan=ANT-3").content.decode()

    assert "amount is no number such as 1250.5." in wrong
    for page, amount in ((wrong, "1,250"), (right, "1250")):
        assert f'name="amount" inputmode="decimal" value="{amount}"' in page
        assert '<option value="pledge" selected>' in page
        assert "<option selected>ANT-3</option>" in page
        assert '<input type="hidden" name="rate" value="2">' in page
    assert "?rate=4&amp;act=pledge&amp;amount=1250&amp;loan=ANT-3#map" in right


@pytest.mark.parametrize("address", ["value/?month=2025-13", "ai/?month=x", "ai/?contract=a"])
def test_a_wrong_month_is_a_bad_request(address):
    assert by_session(member("Ada", Role.TREASURER)).get(f"/treasury/{address}").status_code == 400


def test_wrong_parameters_of_the_api_are_named():
    client = by_session(member("Ada", Role.TREASURER))

    assert "month" in client.get("/api/v1/treasury/costs/?month=2025").json()["detail"]
    assert "rate" in client.get("/api/v1/treasury/stress/?rate=3").json()["detail"]


def table(text, name="t.csv"):
    return SimpleUploadedFile(name, (HEAD + text).encode(), content_type="text/csv")


def test_shares_are_told_on_the_page_after_a_trial():
    client = by_session(member("Ada", Role.TREASURER))
    line = "s,shares,2024-12-31,A,opening,100,\n"

    trial = client.post("/treasury/value/told/", {"file": table(line), "trial": "1"}, follow=True).content.decode()
    assert "1 would be written, 0 were there." in trial
    assert not ShareChange.objects.exists()
    done = client.post("/treasury/value/told/", {"file": table(line)}, follow=True).content.decode()
    assert "1 written, 0 were there." in done
    assert ShareChange.objects.get().actor == "ada@example.com"


def test_a_bad_file_is_told_line_by_line_and_writes_nothing():
    client = by_session(member("Ada", Role.INVESTOR_RELATIONS))

    answer = client.post("/treasury/value/told/", {"file": table("s,shares,x,A,opening,1,\n")}, follow=True)

    assert "Nothing was written: line 2: on is &#x27;x&#x27;" in answer.content.decode()
    assert "choose a CSV file" in client.post("/treasury/value/told/", follow=True).content.decode()
    assert not ShareChange.objects.exists()


def test_a_stranger_tells_nothing():
    partner = Operator.objects.create(code="partner", name="Partner Mining")
    client = by_session(member("Cy", Role.TREASURER, operator=partner))

    assert (
        client.post("/treasury/value/told/", {"file": table("s,shares,2024-12-31,A,opening,1,\n")}).status_code == 403
    )
    assert not ShareChange.objects.exists()


def contract_day(row, day, served, committed=1440):
    ContractDay.objects.create(
        contract=row, day=day, gpus_per_node=8, committed_minutes=committed, served_minutes=served,
        unobserved_minutes=0, billed_usd=served // 60, credit_usd=committed - served, made_at=clock.now(),
    )  # fmt: skip


def test_ai_revenue_opens_to_the_days_of_a_contract():
    site = pecos()
    row = contract(site, 1)
    contract_day(row, datetime(2025, 11, 10, tzinfo=UTC).date(), 1380)
    client = by_session(member("Ada", Role.TREASURER))

    page = client.get(f"/treasury/ai/?month=2025-11&contract={row.pk}").content.decode()
    answer = client.get("/api/v1/treasury/ai/?month=2025-11").json()

    assert "<h1>−$37 of GPU contracts in November 2025</h1>" in page
    assert "Brightline at PECOS, day by day" in page
    assert answer[0]["contracts"][0]["days"][0]["served_minutes"] == 1380
    assert (answer[0]["billed_usd"], answer[0]["credit_usd"]) == ("23.00", "60.00")
    assert answer[0]["gpu_hours"]["sold"] == "184.00"


def test_more_rows_ask_no_more_questions():
    now = clock.now()
    make_treasury(now)
    capital(now)
    sites = [pecos(f"S{n}") for n in range(4)]
    client = by_session(member("Ada", Role.TREASURER))

    def questions(address):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    def fill(count, start):
        for n in range(start, start + count):
            hash_for(sites[n], 2, start=now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=3))
            tell_day(sites[n], now.date(), now)
            contract_day(contract(sites[n], 1), now.date(), 60)

    fill(1, 0)
    few = [questions(address) for address in (*PAGES, *API)]
    fill(3, 1)
    make_loan("MORE-1", 1, 1000, now.date() - timedelta(days=3))
    many = [questions(address) for address in (*PAGES, *API)]

    assert many == few


def test_the_power_of_a_month_opens_to_its_charges():
    site, now = pecos(), datetime(2025, 12, 2, tzinfo=UTC)
    draw(site, 24)
    charge = {"demand_charges": [{"name": "month", "usd_per_mw": "6000"}]}
    PowerContract.objects.create(site=site, valid_from=DAY.date(), price_usd_per_mwh=Decimal(50), terms=charge)
    tell_day(site, DAY.date(), now)

    page = shown("/treasury/value/?month=2025-11&operator=cango")
    _, one = by_session(member("Bo", Role.TREASURER)).get("/api/v1/treasury/costs/?month=2025-11").json()

    assert "Demand, month: $1,677.67, a peak of 0.400 MW at 2025-11-10 06:00 UTC" in strip_tags(page)
    assert one["power"]["charges_usd"] == "1677.67"
    assert one["power"]["charges"][0]["name"] == "Demand, month"
    assert one["power"]["usd"] == one["power"]["estimate_usd"]


def test_costs_of_an_operator_that_is_none_are_not_found():
    client = by_session(member("Ada", Role.TREASURER))

    assert client.get("/treasury/value/?operator=nobody").status_code == 404
    assert "operator" in client.get("/api/v1/treasury/costs/?operator=nobody").json()["detail"]
