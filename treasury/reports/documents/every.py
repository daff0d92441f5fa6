"""All documents of a snapshot, by file name."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from treasury.reports.documents import csv_file, docx, images, json_file, page, pdf, xlsx
from treasury.reports.snapshot import Snapshot
from treasury.reports.writer import document

MEDIA: Final[Mapping[str, str]] = MappingProxyType({
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "zip": "application/zip",
})  # fmt: skip


def every(snapshot: Snapshot, language: str = "en") -> dict[str, bytes]:
    """Seven files. Raises pdf.CannotSet."""
    told = document(snapshot, language)
    stem = f"cango-{snapshot.month}" + ("" if language == "en" else f"-{language}")
    return {
        f"{stem}.pdf": pdf.render(told, snapshot.month),
        f"{stem}.docx": docx.render(snapshot, told),
        f"{stem}.xlsx": xlsx.render(snapshot, told),
        f"{stem}.html": page.render(told),
        f"{stem}.csv": csv_file.render(snapshot),
        f"{stem}.json": json_file.render(snapshot),
        f"{stem}-charts.zip": images.render(told),
    }
