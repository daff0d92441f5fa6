"""October 2025 as it was published, out of one snapshot into every document and back; then other months."""

import hashlib
import io
import json
import re
import zipfile
from decimal import Decimal

import openpyxl
import pypdf
import pytest

from tests.treasury.reports import reading
from treasury.reports import published
from treasury.reports.compose import compose
from treasury.reports.documents.every import every
from treasury.reports.numbers import number
from treasury.reports.snapshot import Line, Snapshot, sha256

# As published: by code, its name, the figure in the release, and the number it is.
OCTOBER = {
    "btc_produced": ("Bitcoin produced", "602.6", Decimal("602.6")),
    "btc_per_day": ("Average production per day", "19.44", Decimal("19.44")),
    "operating_avg_ehs": ("Average operating hashrate", "46.09", Decimal("46.09")),
    "deployed_end_ehs": ("Deployed hashrate at month-end", "50", Decimal(50)),
    "operating_ratio_pct": ("Operating efficiency", "92.18%", Decimal("92.18")),
    "btc_held": ("Bitcoin held at month-end", "6,412.6", Decimal("6412.6")),
}
# Complete, partly and hardly reported ones, with one and with two decimals.
OTHERS = ["2024-11", "2025-06", "2026-01", "2026-02", "2026-03"]


def snapshot_of(month: str) -> Snapshot:
    return compose(published.material(month))


@pytest.fixture(scope="module")
def october() -> dict[str, bytes]:
    return every(snapshot_of("2025-10"))


def test_october_reads_in_the_pdf_as_it_was_published(october):
    text = reading.pdf_text(october["cango-2025-10.pdf"])

    for name, told, _ in OCTOBER.values():
        assert re.search(rf"{name}.{{0,12}}\s{re.escape(told)}\s", text), name
    assert "produced 602.6 BTC, an average of 19.44 BTC per day" in text
    assert "46.09 EH/s of 50 EH/s deployed, an operating efficiency of 92.18%" in text


def test_october_reads_in_the_release_for_word_as_it_was_published(october):
    table = reading.docx_table(october["cango-2025-10.docx"])

    assert {name: table[name][0] for name, _, _ in OCTOBER.values()} == {
        name: told for name, told, _ in OCTOBER.values()
    }


def test_october_reads_in_the_workbook_as_it_was_published(october):
    figures = reading.xlsx_figures(october["cango-2025-10.xlsx"])

    found = {name: Decimal(str(figures[name][0])) for name, _, _ in OCTOBER.values()}
    assert found == {name: value for name, _, value in OCTOBER.values()}


def test_october_reads_in_csv_and_json_as_it_was_published(october):
    rows = reading.csv_figures(october["cango-2025-10.csv"])
    lines = reading.json_figures(october["cango-2025-10.json"])

    wanted = {code: value for code, (_, _, value) in OCTOBER.items()}
    assert {code: Decimal(rows[code]["this_month"]) for code in OCTOBER} == wanted
    assert {code: lines[code] for code in OCTOBER} == wanted


def test_october_reads_on_the_page_as_it_was_published(october):
    html = october["cango-2025-10.html"].decode()

    for code, (name, told, _) in OCTOBER.items():
        row = re.search(rf'<tr id="figure-{code}.*?</tr>', html, re.DOTALL)
        assert row, code
        assert name in row[0]
        assert re.findall(r'<td class="n[^"]*">([^<]*)', row[0])[0] == told


@pytest.mark.parametrize("month", OTHERS)
def test_every_document_of_any_month_says_the_same(month):
    snapshot = snapshot_of(month)
    files = {name.rpartition(".")[2]: data for name, data in every(snapshot).items()}
    text, table = reading.pdf_text(files["pdf"]), reading.docx_table(files["docx"])
    workbook, rows = reading.xlsx_figures(files["xlsx"]), reading.csv_figures(files["csv"])

    for line in snapshot.lines:
        shown = line.this.shown
        printed = None if shown is None else number(shown, "en") + ("%" if line.unit == "%" else "")
        assert rows[line.code]["this_month"] == ("" if shown is None else str(shown))
        assert isinstance(workbook[line.name][0], str) == (shown is None)
        if shown is None:
            assert "0" != table.get(line.name, ["not reported"])[0] == "not reported"
        else:
            assert Decimal(str(workbook[line.name][0])) == shown
            assert table[line.name][0] == printed
            assert printed in text
    assert reading.json_figures(files["json"]) == {line.code: line.this.shown for line in snapshot.lines}


def test_what_is_not_reported_is_said_with_a_note_and_is_never_nought():
    files = every(snapshot_of("2026-03"))

    text = reading.pdf_text(files["cango-2026-03.pdf"])
    assert "has not reported its Bitcoin production of March 2026" in text
    assert re.search(r"Not reported, not published \(at least 2000\)\.", text)
    assert reading.docx_table(files["cango-2026-03.docx"])["Bitcoin sold"][0] == "not reported"


def test_the_same_snapshot_gives_the_same_bytes(october):
    again = every(snapshot_of("2025-10"))

    assert {name: digest(data) for name, data in again.items()} == {
        name: digest(data) for name, data in october.items()
    }


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_every_document_prints_the_hash_of_the_data(october):
    told = digest(october["cango-2025-10.json"])

    assert told == sha256(snapshot_of("2025-10"))
    assert told in reading.pdf_text(october["cango-2025-10.pdf"])
    assert told in october["cango-2025-10.html"].decode()
    assert told in october["cango-2025-10.csv"].decode()
    with zipfile.ZipFile(io.BytesIO(october["cango-2025-10-charts.zip"])) as pack:
        assert pack.read("SHA256.txt").decode() == f"{told}\n"


def test_the_pdf_is_tagged_numbered_and_in_a_language(october):
    pdf = pypdf.PdfReader(io.BytesIO(october["cango-2025-10.pdf"]))

    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert pdf.trailer["/Root"]["/Lang"] == "en"
    assert "pdfuaid" in pdf.trailer["/Root"]["/Metadata"].get_object().get_data().decode()
    assert "Page 1 of 2" in pdf.pages[0].extract_text()


def test_the_workbook_has_formulas_that_say_what_the_snapshot_says(october):
    sheet = openpyxl.load_workbook(io.BytesIO(october["cango-2025-10.xlsx"])).worksheets[0]
    results = reading.xlsx_figures(october["cango-2025-10.xlsx"])

    assert sheet["F6"].value == "=ROUND((C6/D6-1)*100,1)"
    assert results["Bitcoin produced"][3] == -2.3
    assert sheet.freeze_panes == "B6"


def test_no_text_becomes_a_formula():
    snapshot = snapshot_of("2025-10")
    lines = tuple(evil(line) for line in snapshot.lines)
    files = every(type(snapshot)(**{**fields(snapshot), "lines": lines, "source": "=1+1"}))

    cells = openpyxl.load_workbook(io.BytesIO(files["cango-2025-10.xlsx"])).worksheets
    said = [cell for sheet in cells for row in sheet.iter_rows() for cell in row if "HYPERLINK" in str(cell.value)]
    assert said
    assert {cell.data_type for cell in said} == {"s"}
    assert cells[0]["A3"].data_type == "s"
    assert "'=HYPERLINK" in files["cango-2025-10.csv"].decode()
    assert "\n=" not in files["cango-2025-10.csv"].decode()


def evil(line: Line) -> Line:
    words = fields(line)
    return Line(**{**words, "definition": '=HYPERLINK("http://x")' if line.code == "btc_held" else line.definition})


def fields(row: object) -> dict[str, object]:
    return {name: getattr(row, name) for name in row.__struct_fields__}


def test_charts_carry_the_figures_of_the_tables(october):
    with zipfile.ZipFile(io.BytesIO(october["cango-2025-10-charts.zip"])) as pack:
        svg, table = pack.read("held.svg").decode(), pack.read("held.csv").decode()

    assert ">6,412.6</text>" in svg
    assert 'October 2025,"6,412.6"\r\n' in table
    assert "May 2025,not reported\r\n" in table


def test_a_release_reads_in_french_and_italian():
    french = every(snapshot_of("2025-10"), "fr")
    italian = every(snapshot_of("2025-10"), "it")

    text = reading.pdf_text(french["cango-2025-10-fr.pdf"])
    assert "602,6 BTC, soit 19,44 BTC par jour" in text
    assert "31 octobre 2025" in text
    assert "in media 19,44 BTC al giorno" in reading.pdf_text(italian["cango-2025-10-it.pdf"])


def test_lineage_leads_to_the_page_that_published_the_figure():
    line = snapshot_of("2025-10").line("btc_produced")

    assert line.this.lineage[0] == "published:Cango/2025-10/btc_produced"
    assert line.this.lineage[1].startswith("http")
    assert json.loads(every(snapshot_of("2025-10"))["cango-2025-10.json"])["lines"][0]["this"]["lineage"]
