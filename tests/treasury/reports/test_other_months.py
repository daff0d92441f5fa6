"""Reports of other companies and of awkward months: what a list of facts says of them, in every document."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from cango_ops.wire import Garbled
from tests.treasury.reports import reading
from treasury.reports import facts_file, published
from treasury.reports.compose import compose
from treasury.reports.documents.every import every
from treasury.reports.snapshot import Restated
from treasury.reports.writer import document

LIST = Path(__file__).parents[4] / "shared" / "data" / "ir_monthly.csv"
D = Decimal
HEAD = "company,month,metric,value,unit,source\n"


def told(*lines: str, head: str = HEAD) -> bytes:
    return (head + "".join(f"{line}\n" for line in lines)).encode()


def snapshot_of(month: str, data: bytes, company: str = "Elsewhere Mining"):
    return compose(published.of_facts(month, company, facts_file.read(data, company)))


def shown(snapshot, code: str) -> Decimal | None:
    return snapshot.line(code).this.shown


LEAP = told(
    "Elsewhere Mining,2028-01,btc_mined,310,BTC,x", "Elsewhere Mining,2028-01,btc_held_total,1000,BTC,x",
    "Elsewhere Mining,2028-02,btc_mined,290.00,BTC,x", "Elsewhere Mining,2028-02,btc_held_total,1290,BTC,x",
    "Elsewhere Mining,2028-02,btc_sold,0,BTC,x", "Elsewhere Mining,2027-02,btc_mined,280,BTC,x",
)  # fmt: skip


def test_a_february_of_twenty_nine_days_is_divided_by_them():
    snapshot = snapshot_of("2028-02", LEAP)

    assert shown(snapshot, "btc_per_day") == D("10.00")
    assert snapshot.days == 29
    assert snapshot.line("btc_produced").yoy == D("3.6")
    assert (snapshot.roll_forward.ties, snapshot.roll_forward.rounding) == ("exactly", 0)
    assert document(snapshot).date_line == "February 29, 2028"
    assert document(snapshot, "fr").date_line == "29 février 2028"


def test_a_month_in_which_coins_went_is_a_loss_in_every_document():
    data = told(
        "Elsewhere Mining,2025-08,btc_held_total,100.5,BTC,x", "Elsewhere Mining,2025-08,btc_mined,20,BTC,x",
        "Elsewhere Mining,2025-09,btc_mined,-1.25,BTC,a correction", "Elsewhere Mining,2025-09,btc_sold,90,BTC,x",
        "Elsewhere Mining,2025-09,btc_held_total,9.25,BTC,x",
    )  # fmt: skip
    snapshot = snapshot_of("2025-09", data)
    files = {name.rpartition(".")[2]: file for name, file in every(snapshot).items()}

    assert snapshot.line("btc_produced").mom == D("-106.3")
    assert snapshot.line("btc_held").mom == D("-90.8")
    assert snapshot.roll_forward.ties == "exactly"
    assert "\u22121.25" in reading.pdf_text(files["pdf"])
    assert reading.docx_table(files["docx"])["Bitcoin produced"][0] == "\u22121.25"
    assert reading.xlsx_figures(files["xlsx"])["Bitcoin produced"][0] == -1.25
    assert reading.csv_figures(files["csv"])["btc_produced"]["this_month"] == "-1.25"
    assert reading.json_figures(files["json"])["btc_produced"] == D("-1.25")
    assert 'height="-' not in files["html"].decode()


def test_months_of_nothing_but_noughts_have_charts_without_bars():
    data = told(*(f"Elsewhere Mining,2025-0{month},btc_mined,0,BTC,x" for month in (7, 8, 9)))

    files = every(snapshot_of("2025-09", data))

    assert files["elsewhere-mining-2025-09.pdf"].startswith(b"%PDF")
    assert '="nan' not in files["elsewhere-mining-2025-09.html"].decode()


def test_the_first_month_of_a_company_has_no_change_and_says_why():
    data = told("Elsewhere Mining,2025-09,btc_mined,12,BTC,x", "Elsewhere Mining,2025-09,btc_held_total,12,BTC,x")
    snapshot = snapshot_of("2025-09", data)
    text = reading.pdf_text(every(snapshot)["elsewhere-mining-2025-09.pdf"])

    assert snapshot.line("btc_produced").mom is None
    assert snapshot.roll_forward.ties == "cannot be checked"
    assert "Held at the beginning of the month; Bitcoin sold: not reported" in " ".join(text.split())
    assert "no figures of that month are kept" in " ".join(text.split())


def test_a_month_without_price_and_without_ai_reports_neither_and_nothing_as_nought():
    snapshot = snapshot_of("2028-02", LEAP)

    for code in ("btc_price_usd", "btc_nav_usd", "loan_ltv_pct", "gpu_hours_sold", "ai_arr_usd"):
        assert shown(snapshot, code) is None
    rows = [row.code for row in document(snapshot).table.rows]
    assert "gpu_hours_sold" not in rows
    assert any("GPU-hours sold" in one for one in document(snapshot).not_reported)


def test_a_restated_month_before_is_said_in_every_language():
    base = published.of_facts("2028-02", "Elsewhere Mining", facts_file.read(LEAP, "Elsewhere Mining"))
    one = Restated("2028-01", "btc_produced", D(305), D(310), "congestion credits came later", "Ines, Ted")
    snapshot = compose(replace(base, restatements=(one,)))

    for language, month in (
        ("en", "January 2028"),
        ("fr", "janvier 2028"),
        ("it", "gennaio 2028"),
        ("zh", "2028年1月"),
    ):
        (line,) = document(snapshot, language).restatements
        assert all(part in line for part in (month, "305", "310", "congestion credits came later"))
        assert any("305" in note for note in document(snapshot, language).notes)
    assert "310*" in document(snapshot).charts[0].svg


def test_another_companys_month_bears_its_name_and_not_ours():
    files = every(compose(published.material("2025-09", "CleanSpark")))

    text = reading.pdf_text(files["cleanspark-2025-09.pdf"])
    assert "CleanSpark announces September 2025" in text
    assert "Cango" not in text
    assert "629" in text


def test_every_month_of_the_list_of_every_company_can_be_reported():
    if not LIST.exists():
        pytest.skip(f"{LIST} is not here")
    data, found = LIST.read_bytes(), 0

    for company in ("Riot", "CleanSpark", "IREN", "MARA", "Bitdeer", "Bitfarms", "HIVE", "Cango"):
        for month, facts in facts_file.read(data, company).items():
            snapshot = snapshot_of(month, data, company)
            for code, cell in facts.items():
                assert cell.shown is None or shown(snapshot, code) == cell.shown
            assert document(snapshot, "it").title
            found += 1
    assert found > 35


def test_riots_december_does_not_tie_and_says_by_how_much():
    if not LIST.exists():
        pytest.skip(f"{LIST} is not here")
    snapshot = snapshot_of("2025-12", LIST.read_bytes(), "Riot")

    # 19,368 + 460 - 1,818 = 18,010, and Riot said 18,005.
    assert document(snapshot).roll_forward.words == "The printed figures do not add up: off by -5 BTC."
    assert "écart de \u22125 BTC" in document(snapshot, "fr").roll_forward.words


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\xff\xfe\x00", "no CSV in UTF-8"), (b"", "there is nothing of"), (told("a,b"), "line 2: columns are"),
        (told("Elsewhere Mining,2025-09,btc_mined,1,BTC,x,more"), "line 2: columns are"),
        (told("Elsewhere Mining,2025-09,btc_mined,1,kg,x"), "btc_produced is in BTC, not in kg"),
        (told("Other,2025-09,btc_mined,1,BTC,x"), "only of: Other"), (b"x" * (5 << 20), "larger than 4 MiB"),
        (told('Elsewhere Mining,2025-09,btc_mined,"1'), "no CSV"),
    ],
)  # fmt: skip
def test_a_list_that_cannot_be_read_is_one_clear_error(data, why):
    with pytest.raises(Garbled, match=why):
        facts_file.read(data, "Elsewhere Mining")


def test_numbers_of_a_list_keep_their_precision_their_words_and_their_unit():
    found = facts_file.read(
        told(
            "X,2025-09,btc_mined,\"1,234.50 (approx.)\",BTC,x", "X,2025-09,btc_sold,unknown,BTC,x",
            "X,2025-09,avg_operating_hashrate,16500,PH/s,x", "X,2025-09,btc_held_total,at least 7,BTC,x",
        ), "X",
    )["2025-09"]  # fmt: skip

    assert (found["btc_produced"].shown, found["btc_produced"].note) == (D("1234.50"), "approx.")
    assert (found["btc_sold"].shown, found["btc_sold"].reason) == (None, "not published")
    assert found["operating_avg_ehs"].shown == D("16.5")
    assert found["btc_held"].reason == "not published (at least 7)"


def test_the_command_reports_a_list_and_refuses_what_it_lacks(tmp_path):
    file = tmp_path / "facts.csv"
    file.write_bytes(LEAP)
    asked = {"out": tmp_path / "out", "facts": file, "company": "Elsewhere Mining"}

    call_command("month_report", "2028-02", **asked)
    assert (tmp_path / "out" / "elsewhere-mining-2028-02.pdf").exists()
    with pytest.raises(CommandError, match="nothing was published for 2028-03"):
        call_command("month_report", "2028-03", **asked)
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("month_report", "2028-02", **(asked | {"facts": tmp_path / "none.csv"}))
