"""The lists of days and payouts of each pool, in the shapes of its documents: all pages, each row once."""

import json
from datetime import UTC, date, datetime
from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cango_ops.wire import Ask, Garbled
from compute.feeds.pools import PROVIDERS, antpool, braiins, f2pool, luxor, paging, viabtc
from compute.feeds.pools.account import Earning, Payout
from compute.feeds.pools.paging import Page, Span, every_row
from tests.compute.feeds.pools.test_pools import WHO, at

SPAN = Span(date(2024, 12, 1), date(2024, 12, 31))
DAY = date(2024, 12, 2)
TXID = "ea" * 32
PAID_AT = 1733200000  # 2024-12-03 04:26:40
WHEN = at(2024, 12, 3, 4, 26, 40)


def said(conversation, answer):
    """What the conversation learnt, and its questions. answer: of a question, as a tree."""
    sent = []
    try:
        ask = next(conversation)
        while True:
            sent.append(ask)
            ask = conversation.send(json.dumps(answer(ask)).encode())
    except StopIteration as end:
        return end.value, sent


def listed(pool, tree):
    """The rows of one page, as the pool's own conversation reads them."""
    body = json.dumps(tree).encode()
    return f2pool.transactions(body) if pool is f2pool else ROWS[pool](body).rows


def paid(pool, tree):
    return pool.payouts_of(listed(pool, tree))


ROWS = {antpool: antpool.page_of_payments, viabtc: viabtc.page_of_rows, luxor: luxor.page_of_transactions}


def query(ask: Ask):
    return {key: value[0] for key, value in parse_qs(ask.payload.split()[1].partition(b"?")[2].decode()).items()}


def form(ask: Ask):
    body = ask.payload.partition(b"\r\n\r\n")[2]
    return json.loads(body) if body.startswith(b"{") else {k: v[0] for k, v in parse_qs(body.decode()).items()}


BRAIINS = {
    "rewards": {"btc": {"daily_rewards": [{"date": 1733097600, "total_reward": "0.00061081", "shares": 42}]}},
    "payouts": {"onchain": [{"requested_at_ts": PAID_AT - 9, "resolved_at_ts": PAID_AT, "status": "confirmed",
                             "amount_sats": 50000, "fee_sats": 1000, "tx_id": TXID}], "lightning": []},
}  # fmt: skip
LUXOR = {
    "revenue": {"currency_type": "BTC", "revenue": [
        {"date_time": "2024-12-02T00:00:00Z", "revenue": {"currency_type": "BTC", "revenue_type": "MINING",
                                                          "revenue": 0.5}},
        {"date_time": "2024-12-02T00:00:00Z", "revenue": {"currency_type": "BTC", "revenue_type": "REFERRAL",
                                                          "revenue": 0.25}},
    ]},
    "transactions": {"transactions": [
        {"currency_type": "BTC", "date_time": "2024-12-03T04:26:40Z", "transaction_category": "Payout",
         "currency_amount": -0.0005, "transaction_id": TXID, "transaction_type": "debit"},
        {"currency_type": "BTC", "date_time": "2024-12-03T00:00:00Z", "transaction_category": "Miner Revenue",
         "currency_amount": 0.75, "transaction_id": "r1", "transaction_type": "debit"},
    ], "pagination": {"page_number": 1, "page_size": 250, "item_count": 2, "previous_page_url": None,
                      "next_page_url": None}},
}  # fmt: skip
V1 = {"transactions": [
    {"description": "Payout", "date_time": "2024-12-03T04:26:40Z", "currency_amount": 0.0005, "currency_type": "BTC",
     "transaction_id": TXID},
    {"description": "Miner Revenue", "date_time": "2024-12-03T00:00:00Z", "currency_amount": 0.75,
     "currency_type": "BTC", "transaction_id": "r1"},
], "pagination": {"next_page_url": None}}  # fmt: skip
ANTPOOL = {
    "recv": {"code": 0, "data": {"page": 1, "totalPage": 1, "totalRecord": 1, "rows": [
        {"timestamp": "2024-12-02 00:00:00", "hashrate": "1.1 PH/s", "ppsAmount": "0", "pplnsAmount": "0.1",
         "soloAmount": "0", "ppappsAmount": "0", "ppapplnsAmount": "0", "fppsBlockAmount": "0.5",
         "fppsFeeAmount": "0.15"}]}},
    "payout": {"code": "000000", "data": {"page": 1, "totalPage": 1, "totalRecord": 1, "rows": [
        {"timestamp": "2024-12-03 04:26:40", "walletAddress": "1Mp3", "txId": TXID, "amount": "0.00050000"}]}},
}  # fmt: skip
VIABTC = {
    "profits": {"code": 0, "data": {"count": 1, "curr_page": 1, "has_next": False, "total": 1, "data": [
        {"coin": "BTC", "date": "2024-12-02", "pplns_profit": "0", "pps_profit": "0.75", "solo_profit": "0",
         "total_profit": "0.75"}]}, "message": "OK"},
    "payments": {"code": 0, "count": 1, "curr_page": 1, "has_next": False, "total": 1, "total_page": 1, "data": [
        {"id": 157, "coin": "BTC", "amount": "0.0005", "address": "mtRJ", "tx": TXID, "create_time": PAID_AT}],
        "message": "OK"},
}  # fmt: skip
F2POOL = {
    "revenue": {"transactions": [
        {"id": 1, "type": "revenue_fpps", "changed_balance": 0.75, "created_at": PAID_AT,
         "mining_extra": {"mining_date": 1733097600, "settle_date": 1733184000, "pps": 0.75, "tx_fee": 0.01},
         "payout_extra": None}]},
    "payout": {"transactions": [
        {"id": 2, "type": "payout", "changed_balance": -0.0005, "created_at": PAID_AT - 60, "mining_extra": None,
         "payout_extra": {"value": 0.0005, "tx_id": TXID, "paid_time": PAID_AT}}]},
}  # fmt: skip
LISTS = {
    "braiins": (BRAIINS, Earning(day=DAY, amount_sat=61_081, shares=42)),
    "luxor": (LUXOR | {"transactions": V1}, Earning(day=DAY, amount_sat=75_000_000)),
    "luxor_v2": (LUXOR, Earning(day=DAY, amount_sat=75_000_000)),
    "antpool": (ANTPOOL, Earning(day=DAY, amount_sat=75_000_000)),
    "viabtc": (VIABTC, Earning(day=DAY, amount_sat=75_000_000)),
    "f2pool": (F2POOL, Earning(day=DAY, amount_sat=75_000_000)),
}


@pytest.mark.parametrize("pool", LISTS)
def test_every_pool_lists_its_days_and_payouts(pool):
    answers, day = LISTS[pool]

    told, _ = said(PROVIDERS[pool].statement(WHO, "", SPAN), lambda ask: answers[ask.name])

    assert told.earnings == [day]
    assert told.payouts == [Payout(key=TXID, paid_at=WHEN, amount_sat=50_000)]


def test_every_pool_is_covered():
    assert set(LISTS) == set(PROVIDERS)


def test_lists_are_asked_for_by_their_days():
    _, sent = said(PROVIDERS["braiins"].statement(WHO, "", SPAN), lambda ask: BRAIINS[ask.name])
    assert query(sent[0]) == {"from": "2024-12-01", "to": "2024-12-31"}

    _, sent = said(PROVIDERS["luxor_v2"].statement(WHO, "/api", SPAN), lambda ask: LUXOR[ask.name])
    assert sent[1].payload.startswith(b"GET /api/v2/pool/transactions/BTC?")
    assert query(sent[1]) == {"subaccount_names": "cango", "start_date": "2024-12-01", "end_date": "2024-12-31",
                              "page_number": "1", "page_size": "250"}  # fmt: skip

    _, sent = said(PROVIDERS["viabtc"].statement(WHO, "", SPAN), lambda ask: VIABTC[ask.name])
    assert query(sent[0]) == {"coin": "BTC", "start_date": "2024-12-01", "end_date": "2024-12-31", "utc": "true",
                              "page": "1", "limit": "100"}  # fmt: skip


def test_f2pool_is_asked_in_quarters_whose_borders_are_told_twice():
    year = Span(date(2024, 1, 1), date(2024, 12, 31))
    border = {"id": 9, "type": "payout", "created_at": 1711843200, "payout_extra": {"value": 1, "tx_id": "b"}}

    told, sent = said(
        PROVIDERS["f2pool"].statement(WHO, "", year),
        lambda ask: {"transactions": [border] if ask.name == "payout" else []},
    )

    asked = [form(ask) for ask in sent if ask.name == "payout"]
    assert [one["end_time"] for one in asked[:-1]] == [one["start_time"] for one in asked[1:]]
    assert (asked[0]["start_time"], asked[-1]["end_time"]) == (1704067200, 1735689600)
    assert [payout.amount_sat for payout in told.payouts] == [100_000_000]


def test_every_page_of_antpool_takes_a_higher_nonce():
    def answer(ask):
        page = int(form(ask)["page"])
        rows = [{"timestamp": "2024-12-03 00:00:00", "txId": f"{page}-{n}", "amount": "0.1"} for n in range(50)]
        told = rows if ask.name == "payout" and page < 3 else rows[:1] if ask.name == "payout" else []
        total = 101 if ask.name == "payout" else 0
        return {"code": 0, "data": {"rows": told, "page": page, "totalPage": 3 if total else 0, "totalRecord": total}}

    told, sent = said(PROVIDERS["antpool"].statement(WHO, "", SPAN), answer)

    assert len(told.payouts) == 101
    nonces = [int(form(ask)["nonce"]) for ask in sent]
    assert nonces == list(range(WHO.nonce, WHO.nonce + len(sent)))
    assert form(sent[1])["signature"] == antpool.signature(WHO, WHO.nonce + 1)
    assert form(sent[1])["pageSize"] == "50"


def test_antpool_is_left_where_its_rows_are_older_than_what_is_wanted():
    def answer(ask):
        first = date(2024, 12, 31).toordinal() - 50 * (int(form(ask)["page"]) - 1)
        rows = [{"timestamp": f"{date.fromordinal(first - n)} 00:00:00", "txId": f"{first - n}", "amount": "0.1"}
                for n in range(50)]  # fmt: skip
        told = rows if ask.name == "payout" else []
        return {"code": 0, "data": {"rows": told, "page": 1, "totalPage": 30, "totalRecord": 1500} if told else {}}

    told, sent = said(PROVIDERS["antpool"].statement(WHO, "", SPAN), answer)

    assert (len(told.payouts), len(sent)) == (50, 2)


# Pages


def listing(rows, size, arrivals=()):
    """A pool that lists rows, the newest first; after each question `arrivals` says how many came."""
    rows, coming = list(rows), list(arrivals)

    def read(body: bytes) -> Page:
        number = int(body)
        told = rows[size * (number - 1) : size * number]
        page = Page([{"id": row} for row in told], size * number >= len(rows), len(rows))
        for _ in range(coming.pop(0) if coming else 0):
            rows.insert(0, max(rows, default=0) + 1)
        return page

    return read, rows


def all_rows(read):
    conversation = every_row(lambda page: Ask(str(page), b""), read)
    try:
        ask = next(conversation)
        while True:
            ask = conversation.send(ask.name.encode())
    except StopIteration as end:
        return [row["id"] for row in end.value]


@settings(deadline=None)
@given(st.integers(0, 40), st.integers(1, 7), st.lists(st.integers(0, 3), max_size=6))
def test_a_row_that_comes_while_pages_are_read_loses_and_doubles_none(count, size, arrivals):
    read, rows = listing(range(count, 0, -1), size, arrivals)
    try:
        found = all_rows(read)
    except Garbled:
        return

    assert len(set(found)) == len(found)
    assert set(range(1, count + 1)) <= set(found) <= set(rows)


def test_a_list_that_stands_still_is_read_in_one_go():
    assert all_rows(listing(range(7, 0, -1), 3)[0]) == [7, 6, 5, 4, 3, 2, 1]


def test_a_list_that_never_stands_still_is_refused():
    with pytest.raises(Garbled, match=r"changed each time|tells of"):
        all_rows(listing(range(7, 0, -1), 3, [1] * 100)[0])


def test_a_pool_that_ignores_the_number_of_the_page_is_refused():
    with pytest.raises(Garbled, match="the same page again"):
        all_rows(lambda body: Page([{"id": 1}], False))


def test_a_list_without_an_end_is_refused():
    with pytest.raises(Garbled, match="more than 40 pages"):
        all_rows(lambda body: Page([{"id": int(body)}], False))


def test_a_pool_that_lists_fewer_rows_than_it_tells_of_is_refused():
    with pytest.raises(Garbled, match="tells of 5 rows and lists 1"):
        all_rows(lambda body: Page([{"id": 1}], True, 5))


# What is paid, and what is not yet


def test_what_is_not_sent_yet_is_not_final():
    queued = {"resolved_at_ts": None, "requested_at_ts": PAID_AT, "status": "queued", "amount_sats": 7, "tx_id": None}
    failed = queued | {"status": "failed", "requested_at_ts": PAID_AT + 1}
    assert [one.is_final for one in braiins.parse_payouts(json.dumps({"onchain": [queued, failed]}).encode())] == [
        False, False,
    ]  # fmt: skip

    waiting = {"transactions": [{"id": 5, "type": "payout", "changed_balance": -0.5, "created_at": PAID_AT}]}
    assert paid(f2pool, waiting) == [Payout(key="5", paid_at=WHEN, amount_sat=50_000_000, is_final=False)]
    unsent = {"code": 0, "data": [{"id": 9, "coin": "BTC", "amount": "0.1", "tx": "", "create_time": PAID_AT}]}
    assert not paid(viabtc, unsent)[0].is_final
    none = {"code": 0, "data": {"rows": [{"id": "3", "timestamp": "2024-12-03 00:00:00", "txId": "", "amount": "1"}]}}
    assert not paid(antpool, none)[0].is_final


def test_two_payouts_in_one_transaction_are_one_of_both_amounts():
    rows = [{"id": number, "coin": "BTC", "amount": "0.1", "tx": TXID, "create_time": PAID_AT} for number in (1, 2)]

    assert paid(viabtc, {"code": 0, "data": rows}) == [Payout(key=TXID, paid_at=WHEN, amount_sat=20_000_000)]


def test_one_number_with_two_contents_is_refused():
    rows = [{"id": 1, "coin": "BTC", "amount": text, "tx": TXID, "create_time": PAID_AT} for text in ("0.1", "0.2")]

    with pytest.raises(Garbled, match="payout 1 is listed twice, each time otherwise"):
        paid(viabtc, {"code": 0, "data": rows})


WITHOUT_AMOUNT = {
    f2pool: {"transactions": [{"id": 1, "type": "payout", "created_at": PAID_AT}]},
    luxor: {"transactions": [{"transaction_type": "debit", "date_time": "2024-12-03T00:00:00Z"}]},
    antpool: {"code": 0, "data": {"rows": [{"timestamp": "2024-12-03 00:00:00", "txId": "a"}]}},
    viabtc: {"code": 0, "data": [{"id": 1, "tx": "a", "create_time": PAID_AT}]},
}


@pytest.mark.parametrize("pool", WITHOUT_AMOUNT, ids=lambda pool: pool.__name__.rpartition(".")[2])
def test_a_payout_without_its_amount_is_refused_and_not_passed_over(pool):
    with pytest.raises(Garbled, match="names no amount"):
        paid(pool, WITHOUT_AMOUNT[pool])


def test_a_payout_of_braiins_without_its_amount_is_refused_too():
    with pytest.raises(Garbled, match="names no amount"):
        braiins.parse_payouts(json.dumps({"onchain": [{"requested_at_ts": PAID_AT, "tx_id": "a"}]}).encode())


REFUSALS = [
    (luxor.page_of_transactions, {"message": "Unauthorized"}, "refused: Unauthorized"),
    (luxor.parse_revenue, {"error": "no such subaccount"}, "refused: no such subaccount"),
    (antpool.page_of_payments, {"code": 1, "message": "signature error"}, "refused: signature error .code 1."),
    (viabtc.page_of_rows, {"code": 12004, "message": "IP", "data": {}}, "refused: IP .code 12004."),
    (braiins.parse_payouts, {"detail": "authentication failed"}, "refused: authentication failed"),
    (f2pool.transactions, {"code": 5010, "msg": "permission denied: x"}, "refused: permission denied: x .code 5010."),
]


@pytest.mark.parametrize(("parse", "tree", "words"), REFUSALS, ids=[words for _, _, words in REFUSALS])
def test_a_pool_that_refuses_is_repeated_in_its_words(parse, tree, words):
    with pytest.raises(Garbled, match=words):
        parse(json.dumps(tree).encode())


def test_luxor_of_another_coin_is_left_out():
    tree = {"transactions": [{"currency_type": "LTC", "transaction_type": "debit", "currency_amount": 1}]}

    assert paid(luxor, tree) == []


def test_days_of_f2pool_are_those_that_were_mined():
    mined = {"id": 1, "type": "revenue_fpps", "changed_balance": 0.1, "mining_extra": {"mining_date": 1733097600}}
    referred = {"id": 2, "type": "revenue_referral", "changed_balance": 0.2, "created_at": 1733097700}
    rows = [mined, referred, mined]

    assert f2pool.earnings_of(listed(f2pool, {"transactions": rows})) == [Earning(day=DAY, amount_sat=30_000_000)]


def test_pauses_between_pages_keep_the_rate_that_a_pool_allows():
    assert {name: one.pause_s for name, one in PROVIDERS.items()} == {
        "braiins": 5.0, "f2pool": 1.0, "luxor": 2.0, "luxor_v2": 2.0, "antpool": 1.0, "viabtc": 2.0,
    }  # fmt: skip
    assert paging.MOST_PAGES * 2 <= 600  # Antpool's ten minutes


def test_times_without_a_zone_are_utc():
    (payout,) = paid(antpool, ANTPOOL["payout"])

    assert payout.paid_at == datetime(2024, 12, 3, 4, 26, 40, tzinfo=UTC)
