"""Names as a map may hold them: pictures, other scripts, marks of direction, control characters, no end of letters."""

import io
import json
import re
import zipfile
from dataclasses import replace
from decimal import Decimal
from xml.etree import ElementTree

import docx
import openpyxl
import pytest

from tests.treasury.reports import reading
from treasury.reports import published
from treasury.reports.compose import compose
from treasury.reports.documents.every import every
from treasury.reports.figures import missing
from treasury.reports.snapshot import Part, value_of
from treasury.reports.writer import document

PICTURE, SYRIAC, CHINESE, TURNED = "Texas \U0001f680", "ܬܐ", "内蒙古", "Te\u202exas \u206612.5\u2069"
DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
BELL, LONG, NO_LETTER = "a\x07b\x0bc\x1bd", "Pecos" * 200, "x\ufffey"
NAMES = (
    PICTURE,
    SYRIAC,
    CHINESE,
    TURNED,
    BELL,
    LONG,
    NO_LETTER,
    "קידר",
    "\t=1+1",
    " \xa0=1+1",
    "Kıbrıs",
    "e\u0301\u0301",
)


@pytest.fixture(scope="module")
def snapshot():
    """October with such names as regions, and in what is said beside figures."""
    material = published.material("2025-10")
    facts, none = dict(material.facts), value_of(missing("no telemetry"))
    october = facts["2025-10"] | {"loan_ltv_pct": missing(f"no price at {TURNED}")}
    october["btc_held"] = replace(october["btc_held"], note=BELL, lineage=tuple(f"rollups:{one}" for one in NAMES))
    facts["2025-10"] = october
    half = value_of(replace(october["btc_held"], value=Decimal("0.5"), note=""))
    parts = [Part("region", one, half, none, none) for one in NAMES]
    return compose(replace(material, facts=facts, parts=parts))


@pytest.fixture(scope="module")
def files(snapshot):
    return {name.rpartition(".")[2]: data for name, data in every(snapshot).items()}


def test_the_pdf_is_set_with_a_box_where_no_font_has_the_letter(files):
    text = "".join(reading.pdf_text(files["pdf"]).split())

    assert "Texas□" in text
    assert "内蒙古" in text
    assert "Kıbrıs" in text
    assert "6,412.6" in text


def test_figures_behind_a_mark_of_direction_are_read_as_they_are(snapshot, files):
    told = document(snapshot)

    assert not [
        one for one in (*told.notes, *told.not_reported) if any(0x2028 < ord(letter) < 0x206F for letter in one)
    ]
    assert "Texas 12.5" in files["html"].decode()
    assert "\u202e" not in files["html"].decode()


def test_word_and_page_hold_nothing_that_xml_cannot(files):
    body = zipfile.ZipFile(io.BytesIO(files["docx"]))
    cells = {
        cell.text
        for table in docx.Document(io.BytesIO(files["docx"])).tables
        for row in table.rows
        for cell in row.cells
    }

    assert all(ElementTree.fromstring(body.read(name)) is not None for name in body.namelist() if name.endswith(".xml"))
    assert "a\ufffdb\ufffdc\ufffdd, EH/s" in cells
    assert "\x07" not in files["html"].decode()
    assert f"{LONG}, EH/s" in cells


def test_the_workbook_opens_and_holds_every_name_as_text(files):
    book = openpyxl.load_workbook(io.BytesIO(files["xlsx"]))
    lineage = next(row for row in book.worksheets[3].iter_rows(values_only=True) if row[0] == "btc_held")

    assert PICTURE in lineage[2]
    assert CHINESE in lineage[2]
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row
                if cell.data_type == "f" and not str(cell.value).startswith("=ROUND(")]  # fmt: skip


def test_for_programs_every_name_stays_as_it_is(files):
    parts = json.loads(files["json"])["parts"]

    assert tuple(part["name"] for part in parts) == NAMES
    assert all(one.replace("\t", " ").strip() in reading.csv_figures(files["csv"])["btc_held"]["lineage"]
               for one in (PICTURE, CHINESE, SYRIAC))  # fmt: skip


def test_the_same_names_give_the_same_bytes(snapshot, files):
    again = {name.rpartition(".")[2]: data for name, data in every(snapshot).items()}

    assert again == files
