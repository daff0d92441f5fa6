"""The report as a workbook: figures as numbers with the decimals shown, changes and the roll-forward as formulas.

Text is written as text, whatever it begins with. The same snapshot gives the same bytes.
"""

import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from treasury.money import places_of
from treasury.reports import months
from treasury.reports.document import DASH, Document
from treasury.reports.snapshot import Line, Snapshot, Value
from treasury.reports.words import definition_of, name_of

OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
HEAD_ROW: Final = 4


def render(snapshot: Snapshot, document: Document) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, OPTIONS)
    last = months.last_day(snapshot.month)
    book.set_properties({
        "title": document.title, "company": snapshot.company, "subject": f"SHA-256 {document.sha256}",
        "created": datetime(last.year, last.month, last.day, tzinfo=UTC),
    })  # fmt: skip
    styles = Styles(book)
    figures(book.add_worksheet(snapshot.month), snapshot, document, styles)
    roll_forward(book.add_worksheet("Roll-forward"), snapshot, document, styles)
    history(book.add_worksheet("Months"), snapshot, document, styles)
    lineage(book.add_worksheet("Lineage"), snapshot, document, styles)
    if snapshot.restatements:
        restatements(book.add_worksheet("Restatements"), snapshot, document, styles)
    book.close()
    return out.getvalue()


class Styles:
    """Formats of the workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"})
        self.head_number = book.add_format({"bold": True, "bottom": 1, "align": "right", "text_wrap": True})
        self.quiet = book.add_format({"font_color": "#62686d"})
        self.missing = book.add_format({"font_color": "#62686d", "align": "right"})
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self.numbers: dict[str, Any] = {}

    def number(self, places: int, suffix: str = "", bold: bool = False) -> Any:
        pattern = "#,##0" + ("." + "0" * places if places else "") + suffix
        key = f"{pattern}{bold}"
        if key not in self.numbers:
            self.numbers[key] = self.book.add_format({"num_format": pattern, "bold": bold, "top": int(bold)})
        return self.numbers[key]


def set_up(sheet: Worksheet, document: Document, first: str, widths: tuple[int, ...], styles: Styles) -> None:
    """Title, print set-up and frozen panes, the same on every sheet."""
    sheet.write_string(0, 0, document.title, styles.title)
    sheet.write_string(1, 0, f"{document.labels['snapshot_line']}: {document.sha256}", styles.quiet)
    sheet.write_string(2, 0, document.source, styles.quiet)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.write_string(HEAD_ROW, 0, first, styles.head)
    sheet.freeze_panes(HEAD_ROW + 1, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEAD_ROW)
    sheet.set_footer(f"&L{document.sha256[:16]}&R&P / &N")


def figures(sheet: Worksheet, snapshot: Snapshot, document: Document, styles: Styles) -> None:
    set_up(sheet, document, document.labels["figure"], (44, 12, 16, 16, 16, 10, 10, 90, 40), styles)
    month = snapshot.month
    heads = (
        document.labels["unit"],
        month,
        months.back(month),
        months.back(month, 12),
        "M/M",
        "Y/Y",
        "Definition",
        "No change told",
    )
    for column, head in enumerate(heads, 1):
        sheet.write_string(HEAD_ROW, column, head, styles.head_number if 2 <= column <= 6 else styles.head)
    for row, line in enumerate(snapshot.lines, HEAD_ROW + 1):
        sheet.write_string(row, 0, name_of(line.code, line.name, document.language))
        sheet.write_string(row, 1, line.unit, styles.quiet)
        for column, value in enumerate((line.this, line.last, line.year_ago), 2):
            put(sheet, row, column, value, styles)
        put_change(sheet, row, 5, line, line.mom, "D", styles)
        put_change(sheet, row, 6, line, line.yoy, "E", styles)
        note = f" {line.this.note}." if line.this.note else ""
        sheet.write_string(row, 7, definition_of(line.code, line.definition, document.language) + note, styles.wrap)
        sheet.write_string(row, 8, no_change(line), styles.quiet)


def no_change(line: Line) -> str:
    told = (("M/M", line.mom_reason), ("Y/Y", line.yoy_reason))
    return "; ".join(f"{name}: {reason}" for name, reason in told if reason)


def put(sheet: Worksheet, row: int, column: int, value: Value, styles: Styles, sign: int = 1) -> None:
    if value.shown is None:
        sheet.write_string(row, column, f"not reported: {value.reason}".removesuffix(": not reported"), styles.missing)
        return
    sheet.write_number(row, column, float(sign * value.shown), styles.number(places_of(value.shown)))


def put_change(sheet: Worksheet, row: int, column: int, line: Line, value: Decimal | None, of: str, styles: Styles
               ) -> None:  # fmt: skip
    """A formula over the shown figures, with its result; percentage points where the figure is in per cent."""
    if value is None:
        sheet.write_string(row, column, DASH, styles.missing)
    elif line.unit == "%":
        formula = f"=ROUND(C{row + 1}-{of}{row + 1},1)"
        sheet.write_formula(row, column, formula, styles.number(1, '" pp"'), float(value))
    else:
        formula = f"=ROUND((C{row + 1}/{of}{row + 1}-1)*100,1)"
        sheet.write_formula(row, column, formula, styles.number(1, '"%"'), float(value))


def roll_forward(sheet: Worksheet, snapshot: Snapshot, document: Document, styles: Styles) -> None:
    """The closing line is what was reported; under it the sum of the lines above must be the same."""
    set_up(sheet, document, document.roll_forward.title, (44, 16), styles)
    sheet.write_string(HEAD_ROW, 1, "BTC", styles.head_number)
    roll, names = snapshot.roll_forward, {row.code: row.name for row in document.roll_forward.rows}
    row = HEAD_ROW + 1
    for step in roll.steps:
        sheet.write_string(row, 0, names[step.code])
        put(sheet, row, 1, step.value, styles, step.sign)
        row += 1
    if roll.rounding:
        sheet.write_string(row, 0, names["rounding"])
        sheet.write_number(row, 1, float(roll.rounding), styles.number(places_of(roll.rounding)))
        row += 1
    sheet.write_string(row, 0, names["closing"])
    put(sheet, row, 1, roll.closing, styles)
    if roll.rounding is not None and roll.closing.shown is not None:
        total = f"=ROUND(SUM(B{HEAD_ROW + 2}:B{row}),8)"
        sheet.write_string(row + 1, 0, "Sum of the lines above", styles.quiet)
        style = styles.number(places_of(roll.closing.shown), bold=True)
        sheet.write_formula(row + 1, 1, total, style, float(roll.closing.shown))
    sheet.write_string(row + 2, 0, document.roll_forward.words, styles.quiet)


def history(sheet: Worksheet, snapshot: Snapshot, document: Document, styles: Styles) -> None:
    """The data of the charts."""
    set_up(sheet, document, "Month", (12, *[22] * len(snapshot.series)), styles)
    for column, series in enumerate(snapshot.series, 1):
        line = snapshot.line(series.code)
        name = name_of(line.code, line.name, document.language)
        sheet.write_string(HEAD_ROW, column, f"{name}, {line.unit}", styles.head_number)
        for row, point in enumerate(series.points, HEAD_ROW + 1):
            sheet.write_string(row, 0, point.month)
            if point.shown is None:
                sheet.write_string(row, column, "not reported", styles.missing)
            else:
                sheet.write_number(row, column, float(point.shown), styles.number(places_of(point.shown)))


def lineage(sheet: Worksheet, snapshot: Snapshot, document: Document, styles: Styles) -> None:
    """Each figure with its exact value and the ids it came of."""
    set_up(sheet, document, "Code", (30, 30, 120), styles)
    sheet.write_string(HEAD_ROW, 1, "Exact value", styles.head)
    sheet.write_string(HEAD_ROW, 2, "Came of", styles.head)
    for row, line in enumerate(snapshot.lines, HEAD_ROW + 1):
        sheet.write_string(row, 0, line.code)
        exact = line.this.reason or "not reported" if line.this.value is None else f"{line.this.value:f}"
        sheet.write_string(row, 1, exact)
        sheet.write_string(row, 2, "; ".join(line.this.lineage))


def restatements(sheet: Worksheet, snapshot: Snapshot, document: Document, styles: Styles) -> None:
    """What was published of a month, what the figure is now, why, and who says so."""
    set_up(sheet, document, "Month", (12, 44, 18, 18, 80, 50), styles)
    for column, head in enumerate(("Figure", "Published", "Now", "Reason", "Who"), 1):
        sheet.write_string(HEAD_ROW, column, head, styles.head_number if column in (2, 3) else styles.head)
    for row, one in enumerate(snapshot.restatements, HEAD_ROW + 1):
        sheet.write_string(row, 0, one.month)
        sheet.write_string(row, 1, snapshot.line(one.code).name)
        for column, value in ((2, one.old), (3, one.new)):
            put_plain(sheet, row, column, value, styles)
        sheet.write_string(row, 4, one.reason, styles.wrap)
        sheet.write_string(row, 5, one.who, styles.quiet)


def put_plain(sheet: Worksheet, row: int, column: int, value: Decimal | None, styles: Styles) -> None:
    if value is None:
        sheet.write_string(row, column, "not reported", styles.missing)
    else:
        sheet.write_number(row, column, float(value), styles.number(places_of(value)))
