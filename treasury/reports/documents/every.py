"""All documents of a snapshot, by file name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from treasury.reports.documents import csv_file, docx, images, json_file, page, pdf, xlsx
from treasury.reports.progress import Progress, setting, untold
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


def every(snapshot: Snapshot, language: str = "en", progress: Progress = untold) -> dict[str, bytes]:
    """Seven files. Raises pdf.CannotSet."""
    told = document(snapshot, language)
    stem = f"cango-{snapshot.month}" + ("" if language == "en" else f"-{language}")
    makers: dict[str, Callable[[], bytes]] = {
        f"{stem}.pdf": lambda: pdf.render(told, snapshot.month),
        f"{stem}.docx": lambda: docx.render(snapshot, told),
        f"{stem}.xlsx": lambda: xlsx.render(snapshot, told),
        f"{stem}.html": lambda: page.render(told),
        f"{stem}.csv": lambda: csv_file.render(snapshot),
        f"{stem}.json": lambda: json_file.render(snapshot),
        f"{stem}-charts.zip": lambda: images.render(told),
    }
    found = {}
    for place, (name, make) in enumerate(makers.items()):
        setting(progress, place, name)
        found[name] = make()
    return found
