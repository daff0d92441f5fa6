"""The charts as an image pack: one SVG and one CSV each, in an archive of the same bytes every time."""

import io
import zipfile

from cango_ops.base.export import csv_lines
from treasury.reports.document import Document

ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


def render(document: Document) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for chart in document.charts:
            add(archive, f"{chart.name}.svg", chart.svg)
            columns = len(chart.rows[0][1])
            header = ("month", *(f"figure_{place}" for place in range(1, columns + 1)))
            add(
                archive, f"{chart.name}.csv", "".join(csv_lines(header, ((month, *told) for month, told in chart.rows)))
            )
        add(archive, "SHA256.txt", f"{document.sha256}\n")
    return out.getvalue()


def add(archive: zipfile.ZipFile, name: str, text: str) -> None:
    archive.writestr(zipfile.ZipInfo(name, ZIP_EPOCH), text.encode(), zipfile.ZIP_DEFLATED)
