import json
from copy import deepcopy
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from cango_ops.wire import Garbled
from treasury.cases.answer import answer, line

FOLDER = Path(__file__).parents[2] / "cases" / "treasury"
FILES = sorted(FOLDER.glob("*.json"))


def ask(kind, **fields):
    return json.loads(line(answer(json.dumps({"kind": kind, "input": fields}).encode())))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_case_is_answered_exactly(path):
    case = json.loads(path.read_text())

    assert json.loads(line(answer(path.read_bytes()))) == case["expected"]


def test_the_command_prints_a_line_for_each_file():
    out = StringIO()

    call_command("treasury_case", *map(str, FILES), stdout=out)

    assert [json.loads(text) for text in out.getvalue().splitlines()] == [
        json.loads(path.read_text())["expected"] for path in FILES
    ]


def test_a_bad_file_is_a_line_with_an_error_and_the_others_are_answered(tmp_path):
    bad, out = tmp_path / "bad.json", StringIO()
    bad.write_text('{"kind": "nav", "input": {"btc_sat": 1.5, "btc_price_usd": "1"}}')

    with pytest.raises(CommandError, match="2 of 3 files"):
        call_command("treasury_case", str(bad), str(tmp_path / "none.json"), str(FILES[0]), stdout=out)

    first, second, third = map(json.loads, out.getvalue().splitlines())
    assert first == {"file": str(bad), "error": f"{bad}: btc_sat is no whole number"}
    assert second["error"].endswith("No such file or directory")
    assert third["mined_sat"] == 283_333_333


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"\xff", "the file is no JSON"),
        (b"[]", "the file holds no JSON object"),
        (b"[" * 100_000, "the file is no JSON"),
        (b'{"kind": "nav"}', "input is missing"),
        (b'{"kind": "tea", "input": {}}', "kind is 'tea', not one of ledger"),
        (b'{"kind": "nav", "input": {"btc_sat": NaN}}', "NaN is no number"),
        (b'{"kind": "nav", "input": {"btc_sat": 1, "btc_price_usd": "ten"}}', "btc_price_usd is 'ten', not a number"),
        (b'{"kind": "nav", "input": {"btc_sat": 1, "btc_price_usd": "1e99"}}', "not a number that can be reckoned"),
        (b'{"kind": "fx", "input": {}}', "balances is missing"),
        (b'{"kind": "uptime", "input": {"sites": {}, "month": "2025-13", "reporting_tz": "UTC"}}', "is no month"),
        (b'{"kind": "uptime", "input": {"sites": {}, "month": "2025-10", "reporting_tz": "x/y"}}', "not a time zone"),
        (b'{"kind": "ledger", "input": {"events": [{"type": "gift"}]}}', "event 0: type is 'gift', not one of opening"),
        (b'{"kind": "ledger", "input": {"events": [{"type": "sale", "id": "S1", "at": "2025"}]}}', "instant"),
    ],
)
def test_each_bad_input_is_one_clear_sentence(body, why):
    with pytest.raises(Garbled, match=why):
        answer(body)


MINED = {"type": "mined", "at": "2025-07-10T00:00:00Z", "seq": 1, "lot": "L1", "sat": 100, "price_usd": "100000000"}
BOUGHT = {"type": "bought", "at": "2025-07-11T00:00:00Z", "seq": 2, "lot": "L2", "sat": 100, "cost_usd": "300.00"}


def ledger(*events, **settings):
    wallet = {"wallet": "hot"}
    return ask("ledger", settings=settings, events=[wallet | event for event in (MINED, BOUGHT, *events)])


SALE = {"type": "sale", "id": "S1", "at": "2025-08-01T00:00:00Z", "seq": 3, "sat": 50, "price_usd": "400000000"}


def test_specific_identification_takes_the_named_lots():
    found = ledger(SALE | {"lots": [{"lot": "L2", "sat": 30}, {"lot": "L1", "sat": 20}]}, cost_method="specific")

    assert found["disposals"][0]["consumed"] == [
        {"lot": "L2", "sat": 30, "basis_usd": "90.00"},
        {"lot": "L1", "sat": 20, "basis_usd": "20.00"},
    ]
    assert found["realised_gain_usd"] == "90.00"


def test_a_sale_of_more_than_the_named_lots_hold_is_refused_whole():
    found = ledger(SALE | {"sat": 150, "lots": ["L2"]}, cost_method="specific")

    assert (found["rejected"], found["held_total_sat"], found["disposals"]) == (["S1"], 200, [])


def test_the_method_changes_on_its_day():
    methods = [
        {"from": "2025-01-01T00:00:00Z", "method": "fifo"},
        {"from": "2025-09-01T00:00:00Z", "method": "average"},
    ]
    later = SALE | {"id": "S2", "at": "2025-09-01T00:00:00Z", "seq": 4}

    found = ledger(SALE, later, cost_method=methods)

    # FIFO: 50 of L1 cost 50.00. What is left, 50 and 300.00 on 150 sat, is one pool: a third of 350.00.
    assert [sale["basis_usd"] for sale in found["disposals"]] == ["50.00", "116.67"]


def test_a_network_fee_is_a_disposal_at_fair_value_and_the_transfer_none():
    move = {
        "type": "transfer", "at": "2025-08-01T00:00:00Z", "seq": 3, "from": "hot", "to": "cold", "sat": 50,
        "network_fee_sat": 10, "price_usd": "200000000",
    }  # fmt: skip

    found = ledger(move | {"wallet": None})

    assert found["wallets_sat"] == {"cold": 50, "hot": 140}
    assert (found["network_fee_expense_usd"], found["network_fee_gain_usd"]) == ("20.00", "10.00")
    assert found["remaining_cost_basis_usd"] == "390.00"
    assert found["disposals"] == []


def test_with_lots_by_wallet_the_basis_travels_with_the_coins():
    move = {"type": "transfer", "at": "2025-07-20T00:00:00Z", "seq": 3, "from": "hot", "to": "cold", "sat": 150}
    sale = SALE | {"seq": 4, "wallet": "cold", "sat": 120}

    found = ledger(move | {"wallet": None}, sale, lot_scope="wallet")

    # All of L1 (100.00) and half of L2 (150.00 on 50 sat) went along; the sale takes L1 and 20 sat of that half.
    assert found["disposals"][0]["consumed"] == [
        {"lot": "L1", "sat": 100, "basis_usd": "100.00"},
        {"lot": "L2", "sat": 20, "basis_usd": "60.00"},
    ]


def test_pledged_coins_stay_in_the_company_and_cannot_be_sold():
    pledge = {"type": "pledge", "at": "2025-07-20T00:00:00Z", "seq": 3, "wallet": "hot", "loan": "A", "sat": 180}
    release = {"type": "release", "at": "2025-08-20T00:00:00Z", "seq": 4, "wallet": "hot", "loan": "A", "sat": 80}

    found = ledger(pledge, SALE, release)

    assert found["rejected"] == ["S1"]
    assert (found["held_total_sat"], found["held_unpledged_sat"]) == (200, 100)
    assert found["pledged_sat"] == {"A": 100}


def test_usdt_is_not_usd():
    usdt = SALE | {"id": "S2", "seq": 4, "settlement": "USDT", "fee_usd": "1.00"}

    assert ledger(SALE, usdt)["settlement"] == {"USD": "200.00", "USDT": "199.00"}


def test_events_apply_by_instant_whatever_their_order_and_count_once():
    in_order = ledger(SALE)

    assert ask("ledger", events=[{"wallet": "hot"} | event for event in (SALE, BOUGHT, MINED, SALE)]) == in_order


def test_without_a_closing_price_the_gain_is_not_known():
    found = ask("ledger", events=[MINED | {"wallet": "hot"}], close={"price_usd": None})

    assert found["rollforward"]["net_gain_loss_usd"] is None
    assert found["rollforward"]["additions_usd"] == "100.00"


def test_a_yield_compares_bitcoin_a_share():
    opening = {"btc_sat": 100_000_000, "diluted_shares": "1000"}
    closing = {"btc_sat": 126_000_000, "diluted_shares": "1200"}

    assert ask("btc_yield", opening=opening, closing=closing) == {
        "opening_sats_per_share": "100000.00",
        "closing_sats_per_share": "105000.00",
        "btc_yield_pct": "5.0000",
        "btc_gain_sat": 5_000_000,
    }


def test_a_currency_without_a_rate_leaves_no_total():
    found = ask("fx", balances={"USD": "1.00", "USDT": "1000.00"}, rates={"USDT": "0.99945"})
    unknown = ask("fx", balances={"USD": "1.00", "USDT": "1000.00"}, rates={})

    assert found == {"converted_usd": {"USD": "1.00", "USDT": "999.45"}, "total_usd": "1000.45"}
    assert unknown == {"converted_usd": {"USD": "1.00", "USDT": None}, "total_usd": None}


def test_negative_net_assets_have_no_mnav():
    found = ask("nav", btc_sat=100_000_000, btc_price_usd="100", debt_usd="500", shares_basic="10", share_price_usd="1")

    assert (found["mnav_net"], found["net_asset_value_usd"], found["nav_per_share_usd"]) == (
        None,
        "-400.00",
        "-40.0000",
    )


def test_a_note_in_the_money_is_shares_and_no_debt_and_at_its_price_still_debt():
    fields = {"btc_sat": 100_000_000, "btc_price_usd": "1000", "debt_usd": "500", "shares_basic": "100"}
    notes = [{"principal_usd": "400", "conversion_price": "2"}]

    above = ask("nav", **fields, share_price_usd="2.01", converts=notes)
    at = ask("nav", **fields, share_price_usd="2", converts=notes)

    assert (above["diluted_shares"], above["net_asset_value_usd"]) == ("300.00", "900.00")
    assert (at["diluted_shares"], at["net_asset_value_usd"]) == ("100.00", "500.00")


def test_a_young_coinbase_does_not_count():
    utxos = [{"sat": 1, "height": 901, "coinbase": True}, {"sat": 2, "height": 902, "coinbase": True}]

    found = ask("recon", min_confirmations=6, wallets={"w": {"tip": 1000, "utxos": utxos}}, ledger=[])

    assert found["wallets"]["w"]["chain_confirmed_sat"] == 1


def test_a_payout_posted_twice_is_a_duplicate_and_no_mismatch():
    ledger = [{"wallet": "w", "sat": 5, "ref": "a"}, {"wallet": "w", "sat": 6, "ref": "a"},
              {"wallet": "w", "sat": 7, "ref": "b"}, {"wallet": "w", "sat": 8, "ref": "c"}]  # fmt: skip
    payouts = [{"ref": "a", "sat": 5}, {"ref": "b", "sat": 9}]

    found = ask("recon", wallets={}, ledger=ledger, pool_payouts=payouts)

    assert (found["duplicate_postings"], found["amount_mismatches"], found["ledger_without_payout"]) == (
        ["a"], ["b"], ["c"],
    )  # fmt: skip


JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.text(max_size=8), st.just([]), st.just({}),
    st.sampled_from(["-1", "1e400", "NaN", "9999-12-31", "0001-01-01T00:00:00+14:00", [[]], [1], {"from": 1}]),
)  # fmt: skip


def spots(node, path=()):
    """The path of every value in a case."""
    yield path
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in pairs:
        yield from spots(value, (*path, key))


def spoilt(case, path, junk):
    """The case with one value replaced."""
    node = case
    for key in path[:-1]:
        node = node[key]
    if path:
        node[path[-1]] = deepcopy(junk)
        return case
    return deepcopy(junk)


def said(body):
    try:
        return line(answer(body))
    except Garbled as why:
        return str(why)


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(FILES), st.data())
def test_a_spoilt_case_is_answered_or_refused_in_one_sentence(path, data):
    case = json.loads(path.read_text())
    for _ in range(data.draw(st.integers(1, 3))):
        case = spoilt(case, data.draw(st.sampled_from(list(spots(case)))), data.draw(JUNK))

    assert "\n" not in said(json.dumps(case).encode())
