"""What each pool's answers say, by the recorded samples and small ones after the documents."""

from contextlib import suppress
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cango_ops.wire import Garbled
from compute.feeds.pools import PROVIDERS, antpool, braiins, f2pool, luxor, viabtc
from compute.feeds.pools.account import Account, Credentials, Payout, Worker, sat, ths
from tests.compute.protocols.worlds import CAPTURES, needs_captures

# printf 'cangokey1700000000000' | openssl dgst -sha256 -hmac secret
SIGNED = "8BA93193458D7564CB5A4EE3EE7F608CFA2721E5E647A7FBF8F4288FCE9DADB1"
WHO = Credentials(user="cango", token="key", secret="secret", nonce=1_700_000_000_000)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def asked(conversation, answers: dict[str, bytes]):
    """What the conversation learnt, and the bytes that it asked with."""
    sent = []
    try:
        ask = next(conversation)
        while True:
            sent.append(ask.payload)
            ask = conversation.send(answers[ask.name])
    except StopIteration as end:
        return end.value, sent


BRAIINS = {
    "profile": b'{"username":"u","btc":{"hash_rate_unit":"Gh/s","hash_rate_5m":27978,"hash_rate_60m":28191,'
    b'"hash_rate_24h":28357,"low_workers":1,"off_workers":1,"ok_workers":2,"current_balance":"0.01000000",'
    b'"estimated_reward":"0.00011940","shares_24h":35424}}',
    "workers": b'{"btc":{"workers":{"a":{"state":"low","last_share":1542103204,"hash_rate_unit":"Gh/s",'
    b'"hash_rate_5m":14977},"b":{"state":"off","hash_rate_unit":"Gh/s","hash_rate_5m":0}}}}',
    "rewards": b'{"btc":{"daily_rewards":[{"date":1733097600,"total_reward":"0.00061081"}]}}',
}


def test_braiins_is_read_in_three_questions_with_its_token():
    account, sent = asked(braiins.read(WHO), BRAIINS)

    assert [payload.split()[1] for payload in sent] == [
        b"/accounts/profile/json/btc/",
        b"/accounts/workers/json/btc/",
        b"/accounts/rewards/json/btc",
    ]
    assert all(b"\r\nPool-Auth-Token: key\r\n" in payload for payload in sent)
    assert account == Account(
        hashrate_now_ths=pytest.approx(27.978),
        hashrate_1h_ths=pytest.approx(28.191),
        hashrate_24h_ths=pytest.approx(28.357),
        workers_active=3,
        workers_inactive=1,
        balance_sat=1_000_000,
        earned_24h_sat=11_940,
        shares_24h=35_424,
        workers=[
            Worker(name="a", hashrate_ths=14.977, is_active=True, last_share_at=at(2018, 11, 13, 10, 0, 4)),
            Worker(name="b", hashrate_ths=0.0, is_active=False),
        ],
        payouts=[Payout(key="day-1733097600", paid_at=at(2024, 12, 3), amount_sat=61_081)],
    )


@needs_captures
def test_the_recorded_answers_of_braiins():
    folder = CAPTURES / "pools/braiins"

    payouts = braiins.parse_payouts((folder / "payouts_success.json").read_bytes())
    assert [(payout.amount_sat, payout.is_final) for payout in payouts] == [
        (50000, True),
        (100000, False),
        (441348, True),
    ]
    assert len(braiins.parse_workers((folder / "workers_success.json").read_bytes())) == 3
    for refusal in ("rate_limit", "unauthorized"):
        with pytest.raises(Garbled, match=r"refused: (request rate exceeded|authentication failed)"):
            braiins.parse_profile((folder / f"{refusal}.json").read_bytes())


@needs_captures
def test_the_recorded_account_of_f2pool():
    account = f2pool.parse_v1((CAPTURES / "pools/f2pool/v1_bitcoin_user.json").read_bytes())

    # 0.000045036645168645 BTC is 4,503.66 sat; a payout of 1.01004706 BTC
    assert (account.hashrate_now_ths, account.balance_sat) == (0.0, 4_503)
    assert (account.workers_active, account.workers_inactive) == (0, 0)
    assert account.payouts[0].amount_sat == 101_004_706
    assert account.workers[0].last_share_at == datetime(2018, 6, 19, 10, 2, 19, 810789, tzinfo=UTC)


def test_f2pool_v2_is_asked_by_post_with_its_secret():
    answers = {
        "hash_rate_info": b'{"info":{"name":"c","hash_rate":1.2e15,"h1_hash_rate":1.1e15,"h24_hash_rate":9.9e14,'
        b'"h24_stale_hash_rate":1e13}}',
        "assets_balance": b'{"balance_info":{"balance":0.25,"yesterday_income":0.0123}}',
        "worker_list": b'{"workers":[{"hash_rate_info":{"name":"c1","hash_rate":6e14},"last_share_at":1700000000,'
        b'"status":0},{"hash_rate_info":{"name":"c2","hash_rate":0},"status":1}]}',
    }

    account, sent = asked(f2pool.read(WHO), answers)

    assert sent[0].startswith(b"POST /v2/hash_rate/info HTTP/1.1")
    assert b"\r\nF2P-API-SECRET: key\r\n" in sent[0]
    assert sent[0].endswith(b'{"currency":"bitcoin","mining_user_name":"cango"}')
    assert (account.hashrate_now_ths, account.hashrate_24h_ths, account.rejected_pct) == (1200.0, 990.0, 1.0)
    assert (account.balance_sat, account.earned_24h_sat) == (25_000_000, 1_230_000)
    assert (account.workers_active, account.workers_inactive) == (1, 1)


def test_f2pool_without_a_secret_is_asked_by_name():
    _, sent = asked(f2pool.read(Credentials(user="a b")), {"user": b'{"hashrate":0}'})

    assert sent[0].startswith(b"GET /bitcoin/a%20b HTTP/1.1")


def test_f2pool_refuses_in_words_with_status_200():
    with pytest.raises(Garbled, match=r"refused: invalid_param: no user \(code -10003\)"):
        f2pool.parse_info(b'{"code":-10003,"msg":"invalid_param: no user"}')


def test_transactions_of_f2pool_that_are_no_payouts_are_left_out():
    body = (
        b'{"transactions":[{"id":1,"type":"revenue","changed_balance":0.1,"created_at":1700000000},{"id":2,"type":"payout",'
        b'"created_at":1700000000,"payout_extra":{"value":"0.5","tx_id":"ff","paid_time":1700000100}}]}'
    )

    assert f2pool.payouts_of(f2pool.transactions(body)) == [
        Payout(key="ff", paid_at=at(2023, 11, 14, 22, 15), amount_sat=50_000_000)
    ]


@needs_captures
def test_the_recorded_summary_of_luxor():
    account = luxor.parse_summary((CAPTURES / "pools/luxor/v1_summary.json").read_bytes())

    assert account.hashrate_now_ths == pytest.approx(1035.827914295214)
    assert (account.balance_sat, account.earned_24h_sat, account.workers_active) == (26_944_885, 66_154, 10)
    assert account.rejected_pct == pytest.approx(0.39394, abs=1e-5)


@pytest.mark.parametrize(("name", "version"), [("luxor", b"v1"), ("luxor_v2", b"v2")])
def test_both_versions_of_luxor_are_asked_with_their_key(name, version):
    answers = {
        "summary": b'{"hashrate_5m":"1000000000000000"}',
        "workers": b'{"workers":[{"name":"w","hashrate":"5000000000000","status":"ACTIVE",'
        b'"last_share_time":"2026-01-01T00:00:00Z"}]}',
    }

    account, sent = asked(PROVIDERS[name].read(WHO, "/api"), answers)

    assert sent[0].startswith(b"GET /api/" + version + b"/pool/summary/BTC?subaccount_names=cango HTTP/1.1")
    assert b"\r\nauthorization: key\r\n" in sent[0]
    assert account.workers == [Worker(name="w", hashrate_ths=5.0, is_active=True, last_share_at=at(2026, 1, 1))]


def test_antpool_signs_each_question_with_a_rising_nonce():
    answers = {
        "account": b'{"code":0,"data":{"earn24Hours":"0.0123","balance":"1.5"}}',
        "hashrate": b'{"code":"000000","data":{"last10m":"49410000","last1h":"49.4 TH/s","last1d":"0.05 PH/s",'
        b'"accepted":"990","stale":"5","dupelicate":"3","other":"2"}}',
        "workers": b'{"code":"000000","data":{"rows":[{"worker":"a.1","last10m":"0"}]}}',
    }

    account, sent = asked(antpool.read(WHO), answers)

    assert b"nonce=1700000000000&signature=" + antpool.signature(WHO, WHO.nonce).encode() in sent[0]
    assert b"nonce=1700000000001&" in sent[1]
    assert (account.balance_sat, account.earned_24h_sat) == (150_000_000, 1_230_000)
    assert account.hashrate_now_ths == pytest.approx(49.41)
    assert (account.hashrate_1h_ths, account.hashrate_24h_ths) == (pytest.approx(49.4), pytest.approx(50.0))
    assert account.rejected_pct == 1.0
    assert account.workers == [Worker(name="a.1", hashrate_ths=0.0, is_active=False)]


def test_the_signature_of_antpool_by_openssl():
    assert antpool.signature(WHO, WHO.nonce) == SIGNED


@needs_captures
def test_the_recorded_workers_of_antpool():
    assert antpool.parse_workers((CAPTURES / "pools/antpool/workers.json").read_bytes()) == [
        Worker(name="antminer_1", hashrate_ths=0.0, is_active=False)
    ]


def test_viabtc_is_read_with_its_key():
    answers = {
        "hashrate": b'{"code":0,"data":{"active_workers":2,"unactive_workers":1,"coin":"BTC","hashrate_10min":'
        b'"120000000000000","hashrate_1hour":"110000000000000","hashrate_24hour":"100000000000000"},"message":"OK"}',
        "account": b'{"code":0,"data":{"account":"c","balance":[{"amount":"0.2","coin":"LTC"},'
        b'{"amount":"0.1","coin":"BTC"}]}}',
        "workers": b'{"code":0,"data":{"data":[{"worker_name":"c.1","hashrate_10min":"60000000000000",'
        b'"worker_status":"active","last_active":1700000000}]}}',
    }

    account, sent = asked(viabtc.read(WHO), answers)

    assert b"\r\nX-API-KEY: key\r\n" in sent[0]
    assert (account.hashrate_now_ths, account.hashrate_24h_ths, account.balance_sat) == (120.0, 100.0, 10_000_000)
    assert account.workers == [
        Worker(name="c.1", hashrate_ths=60.0, is_active=True, last_share_at=at(2023, 11, 14, 22, 13, 20))
    ]


@pytest.mark.parametrize(
    ("said", "amount"),
    [("0.00061081", 61_081), (1e-8, 1), ("0.000000019", 1), (0.1 + 0.7, 80_000_000), ("", None), (None, None)],
)
def test_amounts_are_whole_satoshis_rounded_down(said, amount):
    assert sat(said) == amount


@pytest.mark.parametrize("said", ["-0.1", "21000001", 1e30])
def test_an_absurd_amount_is_refused(said):
    with pytest.raises(Garbled, match="an amount of"):
        sat(said)


@pytest.mark.parametrize(("said", "unit"), [("-1", "H/s"), (6e21, "H/s"), (1, "Sol/s")])
def test_an_absurd_rate_is_refused(said, unit):
    with pytest.raises(Garbled, match="a rate"):
        ths(said, unit)


def test_credentials_keep_their_secrets_out_of_words():
    assert repr(WHO) == "Credentials(user='cango')"


def test_every_pool_is_asked_no_faster_than_it_allows():
    assert {name: provider.at_most_every_s for name, provider in PROVIDERS.items()} == dict.fromkeys(PROVIDERS, 60.0)
    assert PROVIDERS["braiins"].pause_s == 5.0


PARSERS = [
    parse
    for module in (braiins, f2pool, luxor, antpool, viabtc)
    for word, parse in vars(module).items()
    if word.startswith(("parse_", "page_of_"))
]
KEYS = [
    "btc",
    "workers",
    "data",
    "rows",
    "code",
    "info",
    "balance_info",
    "hashrate",
    "hashrate_5m",
    "daily_rewards",
    "payout_history",
    "transactions",
    "balance",
    "date",
    "total_reward",
    "onchain",
    "status",
    "amount",
    "hash_rate_unit",
]
odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(tree=odd)
def test_nothing_but_garbled_leaves_a_pools_parser(tree):
    raw = msgspec.json.encode(tree)
    for parse in PARSERS:
        with suppress(Garbled):
            msgspec.json.encode(parse(raw))


@settings(deadline=None)
@given(raw=st.binary(max_size=100))
def test_noise_is_garbled_to_every_pool(raw):
    for parse in PARSERS:
        with suppress(Garbled):
            parse(raw)
