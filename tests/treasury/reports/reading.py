"""Reads the documents of a report back, each by a library that had no part in writing it."""

import csv
import io
import json
from decimal import Decimal

import docx
import openpyxl
import pypdf


def pdf_text(data: bytes) -> str:
    return " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


def docx_table(data: bytes) -> dict[str, list[str]]:
    """The first table: figures by name, footnote marks left out."""
    rows = docx.Document(io.BytesIO(data)).tables[0].rows
    return {words(row.cells[0]).split(",")[0]: [words(cell) for cell in row.cells[1:]] for row in rows}


def words(cell: object) -> str:
    return "".join(run.text for paragraph in cell.paragraphs for run in paragraph.runs if not run.font.superscript)


def xlsx_figures(data: bytes) -> dict[str, list[object]]:
    sheet = openpyxl.load_workbook(io.BytesIO(data), data_only=True).worksheets[0]
    return {row[0]: list(row[2:7]) for row in sheet.iter_rows(min_row=6, values_only=True)}


def csv_figures(data: bytes) -> dict[str, dict[str, str]]:
    rows = csv.DictReader(io.StringIO(data.decode()))
    return {row["code"]: row for row in rows if row["table"] == "figures"}


def json_figures(data: bytes) -> dict[str, Decimal | None]:
    lines = json.loads(data)["lines"]
    return {line["code"]: line["this"]["shown"] and Decimal(line["this"]["shown"]) for line in lines}
