"""Files that cannot be answered: what is wrong is named with its place, and the others are answered."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from cango_ops.wire import Garbled
from tests.treasury.cases.asking import TERMS, ask


@pytest.mark.parametrize(
    ("kind", "fields", "why"),
    [
        ("ledger", {"settings": [], "events": []}, "settings is no object"),
        ("ledger", {"events": {}}, "events is no list of objects"),
        ("ledger", {"settings": {"cost_method": "lifo"}, "events": []}, "cost_method is 'lifo', not one of fifo"),
        ("ledger", {"events": [{"id": "E7", "type": "mined", "at": "2025-01-01T00:00"}]}, "mined E7: at is"),
        ("ledger", {"events": [{"id": "E7", "at": "2025-01-01T00:00:00Z"}]}, "event E7: type is missing"),
        ("ledger", {"events": [{"id": "E7", "seq": 1}, {"id": "E7", "seq": 2}]}, "E7 was told twice with different"),
        ("loan", {"terms": TERMS | {"day_count": "30/360"}, "as_of": "2025-01-01"}, "day_count is '30/360', not"),
        ("loan", {"terms": TERMS, "as_of": "2025-01-01", "events": [{"type": "draw", "date": "2025-01-01"}]},
         "draw on 2025-01-01: usd is missing"),
        ("nav", {"btc_sat": 1, "btc_price_usd": "1", "shares_basic": "1", "options": [{"n": "1"}]},
         r"options\[0\]: strike is missing"),
        ("nav", {"btc_sat": -1, "btc_price_usd": "1", "shares_basic": "1"}, "btc_sat is -1, less than 0"),
        ("btc_yield", {"opening": {"btc_sat": 1}}, "shares_basic is missing"),
        ("cost", {"btc_mined_sat": 1, "days": "1", "costs": {"power": "a"}, "cash_items": []}, "power is 'a'"),
        ("expected", {"from": "2025-01-01T00:00:00Z", "to": "2025-01-02T00:00:00Z",
                      "hashrate": [{"from": "2025-01-01T00:00:00Z"}]}, r"hashrate\[0\]: value is missing"),
        ("expected", {"from": "2025-01-01T00:00:00Z", "to": "2025-01-02T00:00:00Z"}, "the difficulty at 2025-01-01"),
        ("uptime", {"reporting_tz": "UTC", "month": "2025-01", "sites": {"A": 1}}, "sites: A is no object"),
        ("uptime", {"reporting_tz": "UTC", "month": "2025-01", "sites": {"A": {"operating_ehs": [{}]}}},
         r"site A: operating_ehs\[0\]: from is missing"),
        ("report", {"reporting_tz": "UTC", "months": [], "as_of": "2025-01-01T00:00:00Z", "payouts": [{}]},
         r"payouts\[0\]: payout_id is missing"),
        ("recon", {"wallets": {"w": {"utxos": [{"height": 1}], "tip": 2}}}, r"wallet w: utxos\[0\]: sat is missing"),
        ("recon", {"wallets": {"w": {"utxos": []}}}, "wallet w: tip is missing"),
        ("stress", {"btc_price_usd": "1", "unpledged_sat": 0, "loans": [{"id": "A"}]},
         r"loans\[0\]: terms is missing"),
        ("fx", {"balances": {"USDT": "1"}, "rates": {"USDT": "x"}}, "the rate of USDT is 'x'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(kind, fields, why):
    with pytest.raises(Garbled, match=why):
        ask(kind, **fields)


def test_each_file_has_its_own_line_and_one_bad_one_fails_the_command(tmp_path):
    fields = {"balances": {"USD": "1"}}
    bodies = {"good": {"kind": "fx", "input": fields}, "bad": {"kind": "fx"}, "last": {"kind": "fx", "input": fields}}
    files = [tmp_path / f"{name}.json" for name in bodies]
    for path, body in zip(files, bodies.values(), strict=True):
        path.write_text(json.dumps(body))
    out = StringIO()

    with pytest.raises(CommandError, match="1 of 3 files could not be answered"):
        call_command("treasury_case", *map(str, files), stdout=out)

    good, bad, last = map(json.loads, out.getvalue().splitlines())
    assert good == last == {"converted_usd": {"USD": "1.00"}, "total_usd": "1.00"}
    assert bad == {"file": str(files[1]), "error": f"{files[1]}: input is missing"}
