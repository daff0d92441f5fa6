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
from treasury.reports.numbers import month_name
from treasury.reports.snapshot import Line, Snapshot, Value
from treasury.reports.words import definition_of, name_of, word
from treasury.reports.words.phrases import phrase

OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
HEAD_ROW: Final = 4
# Text stays text also when somebody edits its cell.
TEXT: Final = {"quote_prefix": True}


def render(snapshot: Snapshot, document: Document) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, OPTIONS)
    last = months.last_day(snapshot.month)
    book.set_properties({
        "title": document.title, "company": snapshot.company, "subject": f"SHA-256 {document.sha256}",
        "created": datetime(last.year, last.month, last.day, tzinfo=UTC),
    })  # fmt: skip
    styles = Styles(book)
    words = document.labels
    figures(book.add_worksheet(snapshot.month), snapshot, document, styles)
    roll_forward(book.add_worksheet(words["sheet_roll"]), snapshot, document, styles)
    history(book.add_worksheet(words["sheet_months"]), snapshot, document, styles)
    lineage(book.add_worksheet(words["sheet_lineage"]), snapshot, document, styles)
    if snapshot.restatements:
        restatements(book.add_worksheet(words["sheet_restatements"]), snapshot, document, styles)
    book.close()
    return out.getvalue()


class Styles:
    """Formats of the workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.text = book.add_format(TEXT)
        self.title = book.add_format({**TEXT, "bold": True, "font_size": 14})
        self.head = book.add_format({**TEXT, "bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"})
        self.head_number = book.add_format({**TEXT, "bold": True, "bottom": 1, "align": "right", "text_wrap": True})
        self.quiet = book.add_format({**TEXT, "font_color": "#62686d"})
        self.missing = book.add_format({**TEXT, "font_color": "#62686d", "align": "right"})
        self.wrap = book.add_format({**TEXT, "text_wrap": True, "valign": "top"})
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
    sheet.write_string(
        1, 0, f"{document.labels['snapshot_line']}{document.labels['colon']}{document.sha256}", styles.quiet
    )
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
    words = document.labels
    columns = (named(months.back(snapshot.month, back), document.language) for back in (0, 1, 12))
    heads = (words["unit"], *columns, words["mom"], words["yoy"], words["definition"], words["no_change"])
    for column, head in enumerate(heads, 1):
        sheet.write_string(HEAD_ROW, column, head, styles.head_number if 2 <= column <= 6 else styles.head)
    for row, line in enumerate(snapshot.lines, HEAD_ROW + 1):
        sheet.write_string(row, 0, name_of(line.code, line.name, document.language), styles.text)
        sheet.write_string(row, 1, line.unit, styles.quiet)
        for column, value in enumerate((line.this, line.last, line.year_ago), 2):
            put(sheet, row, column, value, styles, document)
        put_change(sheet, row, 5, line, line.mom, "D", styles, words["pp"])
        put_change(sheet, row, 6, line, line.yoy, "E", styles, words["pp"])
        sheet.write_string(row, 7, definition(line, document.language), styles.wrap)
        sheet.write_string(row, 8, no_change(line, document), styles.quiet)


def named(month: str, language: str) -> str:
    return month_name(months.first_day(month), language)


def definition(line: Line, language: str) -> str:
    """With what a reader must know beside the figure."""
    told = definition_of(line.code, line.definition, language)
    note = phrase(line.this.note, language)
    gap = "" if language == "zh" else " "
    return f"{told}{gap}{note[:1].upper()}{note[1:]}{word('stop', language)}" if note else told


WHY_NO_CHANGE: Final = {
    "this month is not reported": "this_month_not",
    "the earlier month is not reported": "earlier_not",
    "the earlier figure is 0": "earlier_nought",
}


def no_change(line: Line, document: Document) -> str:
    words = document.labels
    told = ((words["mom"], line.mom_reason), (words["yoy"], line.yoy_reason))
    said = (
        f"{name}{words['colon']}{word(WHY_NO_CHANGE[reason], document.language)}" for name, reason in told if reason
    )
    return "; ".join(said)


def why(reason: str, document: Document) -> str:
    """ "not reported", with the reason where it says more."""
    none = document.labels["not_reported"]
    if not reason or reason in ("not reported", "not published"):
        return none
    return f"{none}{document.labels['colon']}{phrase(reason, document.language)}"


def put(
    sheet: Worksheet, row: int, column: int, value: Value, styles: Styles, document: Document, sign: int = 1
) -> None:
    if value.shown is None:
        sheet.write_string(row, column, why(value.reason, document), styles.missing)
        return
    sheet.write_number(row, column, float(sign * value.shown), styles.number(places_of(value.shown)))


def put_change(
    sheet: Worksheet, row: int, column: int, line: Line, value: Decimal | None, of: str, styles: Styles, points: str
) -> None:
    """A formula over the shown figures, with its result; percentage points where the figure is in per cent."""
    if value is None:
        sheet.write_string(row, column, DASH, styles.missing)
    elif line.unit == "%":
        formula = f"=ROUND(C{row + 1}-{of}{row + 1},1)"
        sheet.write_formula(row, column, formula, styles.number(1, f'" {points}"'), float(value))
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
        sheet.write_string(row, 0, names[step.code], styles.text)
        put(sheet, row, 1, step.value, styles, document, step.sign)
        row += 1
    if roll.rounding:
        sheet.write_string(row, 0, names["rounding"], styles.text)
        sheet.write_number(row, 1, float(roll.rounding), styles.number(places_of(roll.rounding)))
        row += 1
    sheet.write_string(row, 0, names["closing"], styles.text)
    put(sheet, row, 1, roll.closing, styles, document)
    if roll.rounding is not None and roll.closing.shown is not None:
        total = f"=ROUND(SUM(B{HEAD_ROW + 2}:B{row}),8)"
        sheet.write_string(row + 1, 0, document.labels["sum_above"], styles.quiet)
        style = styles.number(places_of(roll.closing.shown), bold=True)
        sheet.write_formula(row + 1, 1, total, style, float(roll.closing.shown))
    sheet.write_string(row + 2, 0, document.roll_forward.words, styles.quiet)


def history(sheet: Worksheet, snapshot: Snapshot, document: Document, styles: Styles) -> None:
    """The data of the charts."""
    set_up(sheet, document, document.labels["month"], (16, *[22] * len(snapshot.series)), styles)
    for column, series in enumerate(snapshot.series, 1):
        line = snapshot.line(series.code)
        name = name_of(line.code, line.name, document.language)
        sheet.write_string(HEAD_ROW, column, f"{name}, {line.unit}", styles.head_number)
        for row, point in enumerate(series.points, HEAD_ROW + 1):
            sheet.write_string(row, 0, named(point.month, document.language), styles.text)
            if point.shown is None:
                sheet.write_string(row, column, document.labels["not_reported"], styles.missing)
            else:
                sheet.write_number(row, column, float(point.shown), styles.number(places_of(point.shown)))


def lineage(sheet: Worksheet, snapshot: Snapshot, document: Document, styles: Styles) -> None:
    """Each figure with its exact value and the ids it came of."""
    words = document.labels
    set_up(sheet, document, words["code"], (30, 30, 120), styles)
    sheet.write_string(HEAD_ROW, 1, words["exact"], styles.head)
    sheet.write_string(HEAD_ROW, 2, words["came_of"], styles.head)
    for row, line in enumerate(snapshot.lines, HEAD_ROW + 1):
        sheet.write_string(row, 0, line.code, styles.text)
        exact = why(line.this.reason, document) if line.this.value is None else f"{line.this.value:f}"
        sheet.write_string(row, 1, exact, styles.text)
        sheet.write_string(row, 2, "; ".join(line.this.lineage), styles.text)


def restatements(sheet: Worksheet, snapshot: Snapshot, document: Document, styles: Styles) -> None:
    """What was published of a month, what the figure is now, why, and who says so."""
    words = document.labels
    set_up(sheet, document, words["month"], (16, 44, 18, 18, 80, 50), styles)
    heads = [words[key] for key in ("figure", "published", "now", "reason", "who")]
    for column, head in enumerate(heads, 1):
        sheet.write_string(HEAD_ROW, column, head, styles.head_number if column in (2, 3) else styles.head)
    for row, one in enumerate(snapshot.restatements, HEAD_ROW + 1):
        sheet.write_string(row, 0, named(one.month, document.language), styles.text)
        sheet.write_string(row, 1, name_of(one.code, snapshot.line(one.code).name, document.language), styles.text)
        for column, value in ((2, one.old), (3, one.new)):
            put_plain(sheet, row, column, value, styles, words["not_reported"])
        sheet.write_string(row, 4, one.reason, styles.wrap)
        sheet.write_string(row, 5, one.who, styles.quiet)


def put_plain(sheet: Worksheet, row: int, column: int, value: Decimal | None, styles: Styles, none: str) -> None:
    if value is None:
        sheet.write_string(row, column, none, styles.missing)
    else:
        sheet.write_number(row, column, float(value), styles.number(places_of(value)))
