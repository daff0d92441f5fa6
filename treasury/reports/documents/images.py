"""The charts as an image pack: each with its title as SVG and PNG, and its data as CSV; the same bytes every time."""

import io
import zipfile
from html import escape
from typing import Final

from cango_ops.base.export import csv_lines
from treasury.reports.charts import FONT, HEIGHT, INK, WIDTH, Chart
from treasury.reports.document import Document
from treasury.reports.documents.pdf import picture
from treasury.reports.months import first_day
from treasury.reports.numbers import month_name

ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
HEAD: Final = 44
FOOT: Final = 22
EDGE: Final = 16


def render(document: Document) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for chart in document.charts:
            drawn = poster(chart, document)
            add(archive, f"{chart.name}.svg", drawn.encode())
            add(archive, f"{chart.name}.png", picture(drawn, document.language))
            add(archive, f"{chart.name}.csv", "".join(table(chart, document)).encode())
        add(archive, "SHA256.txt", f"{document.sha256}\n".encode())
    return out.getvalue()


def table(chart: Chart, document: Document) -> list[str]:
    """Months and figures as the language prints them."""
    header = (document.labels["month"], *(f"{name}, {chart.unit}" for name in chart.columns))
    none = document.labels["not_reported"]
    rows = (
        (month_name(first_day(month), document.language), *(none if one is None else one for one in told))
        for month, told in chart.rows
    )
    return list(csv_lines(header, rows))


def poster(chart: Chart, document: Document) -> str:
    """The chart by itself: with its title, its unit, and where it comes from."""
    wide, high = WIDTH + 2 * EDGE, HEIGHT + HEAD + FOOT
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" '
        f'role="img" aria-label="{escape(chart.title)}" font-family="{FONT}"><title>{escape(chart.title)}</title>'
        f'<rect width="{wide}" height="{high}" fill="#ffffff"/>'
        f"{words(EDGE + 8, 24, 15, 'ink', chart.title, '600')}{words(EDGE + 8, 38, 10, 'quiet', chart.unit)}"
        f"{chart.svg.replace('<svg ', placed(), 1)}"
        f"{words(EDGE + 8, high - 9, 9, 'quiet', source(document))}</svg>"
    )


def placed() -> str:
    return f'<svg x="{EDGE}" y="{HEAD}" width="{WIDTH}" height="{HEIGHT}" '


def source(document: Document) -> str:
    return f"{document.date_line} · SHA-256 {document.sha256[:16]}"


def words(x: int, y: int, size: int, ink: str, text: str, weight: str = "400") -> str:
    return f'<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" fill="{INK[ink]}">{escape(text)}</text>'


def add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, ZIP_EPOCH), data, zipfile.ZIP_DEFLATED)
