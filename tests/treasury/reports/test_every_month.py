"""Every month that the company published, against the list of what it published: figures, changes, roll-forward."""

import csv
import html
import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.treasury.reports import reading
from treasury.reports import months, published
from treasury.reports.catalogue import BY_CODE
from treasury.reports.compose import compose
from treasury.reports.documents import csv_file, docx, json_file, page, pdf, xlsx
from treasury.reports.numbers import number
from treasury.reports.snapshot import Snapshot
from treasury.reports.words import figures
from treasury.reports.writer import document

LIST = Path(__file__).parents[4] / "shared" / "data" / "ir_monthly.csv"
CODES = {
    "btc_mined": "btc_produced", "btc_avg_daily": "btc_per_day", "btc_held_total": "btc_held",
    "deployed_hashrate": "deployed_end_ehs", "avg_operating_hashrate": "operating_avg_ehs", "btc_sold": "btc_sold",
    "btc_sale_net_proceeds": "sale_proceeds_usd", "cost_per_btc_cash": "cash_cost_per_btc_usd",
}  # fmt: skip
MONTHS = [months.back("2026-03", back) for back in range(16, -1, -1)]
LANGUAGES = ("en", "fr", "it", "zh")
GIVEN = re.compile(r"-?[0-9]+(\.[0-9]+)?")
D = Decimal


def listed() -> Iterator[tuple[str, str, Decimal | None]]:
    """(month, code, value) of the list of facts; None where it says unknown."""
    if not LIST.exists():
        pytest.skip(f"{LIST} is not here")
    with LIST.open(newline="") as file:
        for row in csv.DictReader(file):
            if row["company"] == "Cango" and row["metric"] in CODES and months.MONTH.fullmatch(row["month"]):
                given = GIVEN.match(row["value"])
                yield row["month"], CODES[row["metric"]], D(given[0]) if given else None


def snapshot_of(month: str) -> Snapshot:
    return compose(published.material(month))


def per_cent(now: Decimal, before: Decimal) -> Decimal:
    return (100 * (now - before) / before).quantize(D("0.1"), ROUND_HALF_UP)


def test_the_list_of_facts_names_the_months_that_can_be_reported():
    assert sorted({month for month, _, _ in listed()}) == MONTHS == sorted(published.facts_of("Cango"))


@pytest.mark.parametrize("month", MONTHS)
def test_each_figure_is_what_the_list_of_facts_says(month):
    snapshot = snapshot_of(month)

    for told, code, value in listed():
        if told == month and (value is not None or code != "btc_per_day"):
            assert (code, snapshot.line(code).this.shown) == (code, value)


@pytest.mark.parametrize("month", MONTHS)
def test_changes_are_those_of_the_published_figures_or_a_dash_with_a_reason(month):
    facts = {(told, code): value for told, code, value in listed()}

    for code in ("btc_produced", "btc_held", "deployed_end_ehs", "operating_avg_ehs", "btc_sold"):
        line = snapshot_of(month).line(code)
        now = facts.get((month, code))
        for told, reason, back in ((line.mom, line.mom_reason, 1), (line.yoy, line.yoy_reason, 12)):
            before = facts.get((months.back(month, back), code))
            if now is None or not before:
                assert told is None, code
                assert reason, code
            else:
                assert (code, told, reason) == (code, per_cent(now, before), "")


@pytest.mark.parametrize("month", MONTHS)
def test_the_roll_forward_ties_at_the_printed_precision_or_says_what_is_not_known(month):
    roll = snapshot_of(month).roll_forward
    shown = [step.value.shown for step in roll.steps]

    assert roll.steps[0].code == "opening"
    if None in shown or roll.closing.shown is None:
        assert roll.ties == "cannot be checked"
        assert all(step.value.reason for step in roll.steps if step.value.shown is None)
    else:
        total = sum(step.sign * step.value.shown for step in roll.steps)
        assert total + roll.rounding == roll.closing.shown
        assert abs(roll.rounding) <= D("0.1")


def test_what_was_not_published_of_the_first_month_is_said_with_its_reason():
    snapshot = snapshot_of("2024-11")

    assert snapshot.line("btc_per_day").this.shown == D("18.85")
    assert snapshot.line("btc_produced").last.reason == "Bitcoin mining began in November 2024"
    assert snapshot.roll_forward.steps[0].value.reason == "Bitcoin mining began in November 2024"


@pytest.mark.parametrize(
    ("month", "per_day", "ratio"),
    [
        ("2024-12", "18.38", None), ("2025-02", "16.9", "92.81"), ("2025-03", "17.1", "94.69"),
        ("2025-05", "15.63", None), ("2025-06", "15.00", None), ("2026-02", "16.24", "69.10"),
    ],
)  # fmt: skip
def test_what_was_not_published_follows_from_what_was(month, per_day, ratio):
    snapshot = snapshot_of(month)

    assert snapshot.line("btc_per_day").this.shown == D(per_day)
    assert snapshot.line("operating_ratio_pct").this.shown == (ratio and D(ratio))


@pytest.mark.parametrize("month", MONTHS)
def test_page_csv_and_json_of_every_month_say_what_the_snapshot_says(month):
    snapshot = snapshot_of(month)
    rows, lines = reading.csv_figures(csv_file.render(snapshot)), reading.json_figures(json_file.render(snapshot))
    table = page_table(page.render(document(snapshot)))

    for line in snapshot.lines:
        told = rows[line.code]
        values = (line.this.shown, line.last.shown, line.year_ago.shown, line.mom, line.yoy)
        named = ("this_month", "last_month", "year_ago", "mom", "yoy")
        assert [told[name] for name in named] == ["" if value is None else str(value) for value in values]
        assert lines[line.code] == line.this.shown
        if line.code in table:
            assert table[line.code][0] == printed(line.this.shown, line.unit)
            assert table[line.code][1] == printed(line.last.shown, line.unit)


def printed(value: Decimal | None, unit: str) -> str:
    return "not reported" if value is None else number(value, "en") + ("%" if unit == "%" else "")


def page_table(data: bytes) -> dict[str, list[str]]:
    """The figures of the page by code, without the marks of their notes."""
    rows = re.findall(r'<tr id="figure-([a-z0-9_]+)">(.*?)</tr>', data.decode(), re.DOTALL)
    return {
        code: [html.unescape(cell) for cell in re.findall(r'<td class="n[^"]*">([^<]*)', row)] for code, row in rows
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_month_is_written_in_every_language(language):
    for month in MONTHS:
        snapshot = snapshot_of(month)
        told = document(snapshot, language)
        english = document(snapshot)
        assert [row.code for row in told.table.rows] == [row.code for row in english.table.rows]
        assert {len(row.cells) for row in told.table.rows} == {len(told.table.head)}
        assert all("{" not in text for text in (told.title, told.lead, *told.notes, *told.not_reported))


@pytest.mark.parametrize(("month", "language"), [("2025-11", "en"), ("2025-12", "fr"), ("2026-02", "it")])
def test_pdf_word_and_workbook_print_each_figure_of_the_table(month, language):
    snapshot = snapshot_of(month)
    told = document(snapshot, language)
    text = reading.pdf_text(pdf.render(told, month))
    release = reading.docx_table(docx.render(snapshot, told))
    workbook = reading.xlsx_figures(xlsx.render(snapshot, told))

    for row in told.table.rows:
        line, cells = snapshot.line(row.code), [cell.text for cell in row.cells]
        assert release[row.name] == cells
        assert all(cell in text for cell in cells)
        shown = [line.this.shown, line.last.shown, line.year_ago.shown, line.mom, line.yoy]
        for value, cell in zip(shown, workbook[row.name], strict=True):
            assert isinstance(cell, str) if value is None else D(str(cell)) == value


@pytest.mark.parametrize("bad", ["2024-10", "2026-04", "2025-13", "2025-1", "October", "20２５-10", "", "2025-10-01"])
def test_a_month_that_was_not_published_is_one_clear_error(tmp_path, bad):
    with pytest.raises(CommandError, match=r"nothing was published for|is no month"):
        call_command("month_report", bad, "--out", str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path):
    file = tmp_path / "file"
    file.write_text("in the way")

    for out in (file, file / "below"):
        with pytest.raises(CommandError, match="cannot write into"):
            call_command("month_report", "2025-09", "--out", str(out))
    assert file.read_text() == "in the way"


def test_the_documents_are_written_whole_and_again_the_same(tmp_path):
    for _ in range(2):
        call_command("month_report", "2025-09", "--out", str(tmp_path / "deep" / "er"))

    names = sorted(path.name for path in (tmp_path / "deep" / "er").iterdir())
    assert names == [
        "cango-2025-09-charts.zip", "cango-2025-09.csv", "cango-2025-09.docx", "cango-2025-09.html",
        "cango-2025-09.json", "cango-2025-09.pdf", "cango-2025-09.xlsx",
    ]  # fmt: skip


def test_every_figure_has_its_name_and_definition_in_each_language():
    for language in ("fr", "it", "zh"):
        told = figures(language)
        assert told.keys() == BY_CODE.keys()
        assert all(name and definition for name, definition in told.values())
        assert len({definition for _, definition in told.values()}) == len(told)


def test_a_chinese_release_is_set_with_the_font_of_its_package_the_same_everywhere():
    if not pdf.chinese_fonts():
        pytest.skip("justmytype-intl-cjk is not installed")
    told = document(snapshot_of("2025-10"), "zh")
    data = pdf.render(told, "2025-10")
    text = reading.pdf_text(data).replace("\n", "")

    assert data == pdf.render(told, "2025-10")
    assert "Cango Inc.公布2025年10月比特币产量及运营数据" in text
    assert "产出602.6 BTC，日均19.44 BTC" in text
    assert "2025年10月31日" in text
    assert "6,412.6" in text
    assert "本机字体" not in text
    assert "矿池就本月算力记入的比特币" in text


def test_a_release_is_defined_in_its_own_language():
    told = document(snapshot_of("2025-10"), "fr")

    notes = " ".join(told.notes)
    assert "Bitcoins produits : Bitcoins crédités par les pools" in notes
    assert "le minage de Bitcoin a commencé en novembre 2024" in notes
    assert "Bitcoin that the pools" not in notes
