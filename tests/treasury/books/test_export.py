import csv
import io
import subprocess
from decimal import Decimal
from pathlib import Path
from sys import executable

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from tests.treasury.books.worlds import day, mined, moved, pledged, sold
from tests.treasury.proposals.worlds import approved_import
from treasury.books import export, queries
from treasury.books.imports import load, parse
from treasury.books.post import post
from treasury.models import JournalEntry

pytestmark = pytest.mark.django_db

D = Decimal
FACTS = [
    mined("m1", 1, 100, 100, wallet="Hot"),
    mined('=cmd|"x"', 2, 100, 300),
    mined("m3", 3, 50, 60, wallet="cold wallet/é"),
    pledged("p1", 4, 50),
    moved("t1", 5, 20, fee=3),
    sold("s1", 6, 10, currency="USDT"),
]
BEAN_CHECK = Path(executable).parent / "bean-check"


@pytest.fixture
def entries(db):
    post(FACTS, "test")
    post([mined("m0", 1, 10, 1)], "test")
    return queries.all_between(day(1), day(99))


def test_bean_check_balances_every_entry_again(entries, tmp_path):
    file = tmp_path / "books.beancount"
    text = "".join(export.as_beancount(entries))
    balances = queries.balances(day(98))
    names = export.beancount_names(row.code for row in balances)
    for row in balances:
        amount = f"{row.sat} SAT" if row.currency == "BTC" else f"{row.amount} {row.currency}"
        text += f"{day(99).date()} balance {names[row.code]} {amount}\n"
    file.write_text(text)

    done = subprocess.run([BEAN_CHECK, file], capture_output=True, text=True, timeout=60)

    assert done.stdout + done.stderr == ""


def test_bean_check_would_have_noticed(entries, tmp_path):
    file = tmp_path / "books.beancount"
    file.write_text("".join(export.as_beancount(entries)).replace(" 100.00 USD", " 100.01 USD"))

    assert subprocess.run([BEAN_CHECK, file], capture_output=True, timeout=60).returncode == 1


def test_codes_that_would_be_one_name_are_kept_apart():
    names = export.beancount_names(["Assets:Bitcoin:Wallet:hot", "Assets:Bitcoin:Wallet:Hot", "Odd:é"])

    assert list(names.values()) == ["Assets:Bitcoin:Wallet:Hot", "Assets:Bitcoin:Wallet:Hot-2", "Equity:Odd:X-"]


def test_no_cell_starts_a_formula(entries):
    table = list(csv.reader(io.StringIO("".join(export.as_csv(entries)))))
    book = openpyxl.load_workbook(io.BytesIO(export.as_xlsx(entries)))

    assert '\'=cmd|"x"' in {row[0] for row in table}
    cells = [cell for row in book["Journal"].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s", "n"}
    assert sum(row[6].value or 0 for row in book["Journal"].iter_rows(min_row=2)) == 0


def test_the_same_books_make_the_same_file(entries):
    assert export.as_xlsx(entries) == export.as_xlsx(entries)


def test_an_amount_too_long_for_a_spreadsheet_stays_whole():
    post([mined("m1", 1, 2_100_000_000_000_000, 1)], "test")
    book = openpyxl.load_workbook(io.BytesIO(export.as_xlsx(queries.all_between(day(1), day(2)))))

    assert book["Journal"]["G2"].value == "2100000000000000"


CSV = """source,type,at,wallet,sat,price_usd,cost_usd,from,to,network_fee_sat,loan,currency,fee_usd
m1,mined,2025-07-01T00:00:00Z,hot,100000000,100000,,,,,,,
b1,bought,2025-07-02T00:00:00+02:00,hot,50000000,,61000.00,,,,,,
t1,transfer,2025-07-03T00:00:00Z,,20000000,110000,,hot,cold,1000,,,
p1,pledge,2025-07-04T00:00:00Z,hot,10000000,,,,,,A,,
s1,sale,2025-07-05T00:00:00Z,hot,30000000,120000,,,,,,USDT,12.50
"""


def test_a_csv_is_posted_whole_with_its_hash_as_evidence():
    reading, receipt = load(CSV.encode(), "test")

    assert receipt.posted == ["m1", "b1", "t1", "p1", "s1"]
    assert queries.coins(day(9)).free_sat == 109_999_000
    assert JournalEntry.objects.get(source_id="s1").evidence["proof"] == {"file_sha256": reading.sha256}
    assert load(CSV.encode(), "test")[1].repeated == receipt.posted


def test_a_dry_run_tells_and_posts_nothing():
    _, receipt = load(CSV.encode(), "test", dry_run=True)

    assert len(receipt.posted) == 5
    assert not JournalEntry.objects.exists()


def test_a_wrong_line_keeps_the_whole_file_out_and_is_named():
    bad = CSV + "x1,mined,yesterday,hot,1,1,,,,,,,\nx2,gift,2025-07-01T00:00:00Z,hot,1,1,,,,,,,\n"

    reading, receipt = load(bad.encode(), "test")

    assert reading.wrong == [
        "line 7: at is 'yesterday', not an instant such as 2025-10-01T00:00:00Z",
        "line 8: type is 'gift', not one of opening, mined, bought, sale, transfer, pledge, release",
    ]
    assert (receipt.posted, JournalEntry.objects.count()) == ([], 0)


@pytest.mark.parametrize("body", [b"\xff\xfe", b"", b"source,at\n", b'source,type,at\n"x'])
def test_a_file_that_is_no_such_csv_is_refused(body):
    with pytest.raises(ValueError, match="the file"):
        parse(body)


def test_the_commands_import_export_and_verify(tmp_path, capsys):
    file, books = tmp_path / "facts.csv", tmp_path / "books.xlsx"
    file.write_text(CSV)

    call_command("ledger_import", str(file), "--dry-run")
    with pytest.raises(CommandError, match="coins move in it: have an import proposed and approved"):
        call_command("ledger_import", str(file))
    reading = parse(CSV.encode())
    number = approved_import(reading.sha256, len(reading.facts))
    for _ in range(2):
        call_command("ledger_import", str(file), "--proposal", str(number))
    call_command("ledger_export", "xlsx", str(books))
    call_command("verify_ledger")

    out = capsys.readouterr().out.splitlines()
    assert out[0] == "5 would be posted, 0 were there, 0 refused, 0 costed anew"
    assert out[1] == f"5 facts, SHA-256 {reading.sha256}"
    assert out[2] == "5 posted, 0 were there, 0 refused, 0 costed anew"
    assert out[3] == "0 posted, 5 were there, 0 refused, 0 costed anew"
    assert out[4:] == [f"7 entries in {books}", "7 entries, everything ties."]
    file.write_text(CSV + "x1,mined,yesterday,hot,1,1,,,,,,,\n")
    with pytest.raises(CommandError, match=r"nothing was posted.\nline 7"):
        call_command("ledger_import", str(file))
