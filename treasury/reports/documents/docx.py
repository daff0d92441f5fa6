"""The press release as a Word document. The same snapshot gives the same bytes: every date in it is the month's."""

import io
import zipfile
from datetime import datetime
from typing import Any, Final

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from treasury.reports import months
from treasury.reports.document import Document, Table
from treasury.reports.snapshot import Snapshot

QUIET: Final = RGBColor(0x62, 0x68, 0x6D)
LOCALES: Final = {"en": "en-US", "fr": "fr-FR", "it": "it-IT", "zh": "zh-CN"}
# Between the margins: the text, a column of numbers where there is room, and what the names take at least.
MARGIN, TEXT, NUMBER, LEAST_NAME = Cm(2.2), Cm(16.6), Cm(3), Cm(4.6)
ZIP_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


def render(snapshot: Snapshot, document: Document) -> bytes:
    file = docx.Document()
    set_up(file, snapshot, document)
    file.add_heading(document.title, level=0)
    quiet(file.add_paragraph(), document.date_line)
    file.add_paragraph(document.lead)
    for title, text, speaker in (one for one in document.chapters if one[2]):
        file.add_heading(title, level=1)
        file.add_paragraph(document.labels["quoted"].format(text=text, speaker=speaker))
    for table in (document.table, document.roll_forward, *document.parts):
        add_table(file, table, document)
    notes(file, document)
    for title, text, _ in (one for one in document.chapters if not one[2]):
        file.add_heading(title, level=1)
        file.add_paragraph(text)
    quiet(file.add_paragraph(), f"{document.source} {proof(document)}")
    out = io.BytesIO()
    file.save(out)
    return same_bytes(out.getvalue())


def set_up(file: Any, snapshot: Snapshot, document: Document) -> None:
    last = months.last_day(snapshot.month)
    at = datetime(last.year, last.month, last.day)  # noqa: DTZ001 - the format knows no zones
    about = file.core_properties
    about.title, about.author, about.subject = document.title, snapshot.company, f"SHA-256 {document.sha256}"
    about.created = about.modified = about.last_printed = at
    about.language, about.revision, about.last_modified_by, about.comments = LOCALES[document.language], 1, "", ""
    style = file.styles["Normal"]
    style.font.name, style.font.size = "Calibri", Pt(10.5)
    say_language(style, LOCALES[document.language])
    section = file.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = MARGIN
    paragraph = section.footer.paragraphs[0]
    quiet(paragraph, f"{document.sha256[:16]}  ")
    add_page_number(paragraph)


def say_language(style: Any, locale: str) -> None:
    """For spelling, and which font sets the letters that Calibri lacks."""
    shape = style.element.get_or_add_rPr()
    mark = OxmlElement("w:lang")
    mark.set(qn("w:val"), locale if locale != LOCALES["zh"] else LOCALES["en"])
    mark.set(qn("w:eastAsia"), LOCALES["zh"])
    shape.append(mark)
    shape.get_or_add_rFonts().set(qn("w:eastAsia"), "Microsoft YaHei")


def add_page_number(paragraph: Any) -> None:
    """A field that Word fills in."""
    run = paragraph.add_run()
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        part = OxmlElement("w:instrText" if text else "w:fldChar")
        if text:
            part.text = text
        else:
            part.set(qn("w:fldCharType"), kind)
        run._r.append(part)


def quiet(paragraph: Any, text: str) -> None:
    run = paragraph.add_run(text)
    run.font.size, run.font.color.rgb = Pt(8.5), QUIET


def add_table(file: Any, table: Table, document: Document) -> None:
    heading = file.add_heading(table.title, level=1)
    if table.marks:
        heading.add_run(", ".join(map(str, table.marks))).font.superscript = True
    grid = file.add_table(rows=1, cols=1 + len(table.head), style="Light Shading")
    only_head_is_bold(grid)
    for cell, text in zip(grid.rows[0].cells, ("", *table.head), strict=True):
        put(cell, text, is_number=text != "")
    repeat_head(grid.rows[0])
    for row in table.rows:
        cells = grid.add_row().cells
        unit = f", {row.unit}" if row.unit not in ("%", "") else ""
        put(cells[0], f"{row.name}{unit}", row.mark)
        for cell, shown in zip(cells[1:], row.cells, strict=True):
            put(cell, shown.text, shown.mark, is_number=True)
    share_width(grid)
    if table.words:
        quiet(file.add_paragraph(), table.words)


def only_head_is_bold(grid: Any) -> None:
    """Hairlines above and below, no shaded rows, no bold names. val says the same in the bits of older readers:
    first row 0x20, no bands of rows 0x200 or columns 0x400."""
    look = grid._tbl.tblPr.find(qn("w:tblLook"))
    for name, value in (("val", "0620"), ("firstColumn", "0"), ("noHBand", "1")):
        look.set(qn(f"w:{name}"), value)


def share_width(grid: Any) -> None:
    """The names have what the numbers leave. Word goes by the cells, others by the columns."""
    numbers = len(grid.columns) - 1
    number = min(NUMBER, (TEXT - LEAST_NAME) // numbers)
    grid.autofit = False
    for place, column in enumerate(grid.columns):
        width = number if place else TEXT - number * numbers
        column.width = width
        for cell in column.cells:
            cell.width = width


def repeat_head(row: Any) -> None:
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def put(cell: Any, text: str, mark: int | None = None, *, is_number: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(0)
    if is_number:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    paragraph.add_run(text)
    if mark:
        paragraph.add_run(str(mark)).font.superscript = True


def notes(file: Any, document: Document) -> None:
    file.add_heading(document.labels["notes"], level=1)
    for place, text in enumerate(document.notes, 1):
        line = file.add_paragraph()
        line.paragraph_format.space_after = Pt(2)
        quiet(line, f"{place}  {text}")
    if document.restatements:
        file.add_heading(document.labels["restatements"], level=1)
        for text in document.restatements:
            file.add_paragraph(text)
    quiet(file.add_paragraph(), not_reported(document))


def not_reported(document: Document) -> str:
    words = document.labels
    return f"{words['not_reported_title']}{words['colon']}{words['list'].join(document.not_reported)}{words['stop']}"


def proof(document: Document) -> str:
    return f"{document.labels['snapshot_line']}{document.labels['colon']}{document.sha256}"


def same_bytes(data: bytes) -> bytes:
    """The same archive with every entry dated alike: python-docx stamps them with the clock."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as told, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as kept:
        for entry in told.infolist():
            kept.writestr(zipfile.ZipInfo(entry.filename, ZIP_EPOCH), told.read(entry), zipfile.ZIP_DEFLATED)
    return out.getvalue()
