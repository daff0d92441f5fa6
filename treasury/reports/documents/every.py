"""All documents of a snapshot, by file name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from django.utils.text import slugify

from treasury.reports.documents import csv_file, docx, images, json_file, page, pdf, xlsx
from treasury.reports.progress import Progress, setting, untold
from treasury.reports.snapshot import Snapshot
from treasury.reports.words import LANGUAGES
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


Maker = Callable[[], bytes]


def in_every_language(snapshot: Snapshot, progress: Progress = untold) -> dict[str, bytes]:
    """All documents in English, and in every other language those that hold words. Raises pdf.CannotSet."""
    makers = makers_of(snapshot, "en") | for_programs(snapshot)
    for language in LANGUAGES[1:]:
        makers |= makers_of(snapshot, language)
    return made(makers, progress)


def every(snapshot: Snapshot, language: str = "en", progress: Progress = untold) -> dict[str, bytes]:
    """Seven files. Raises pdf.CannotSet."""
    return made(makers_of(snapshot, language) | for_programs(snapshot, language), progress)


def made(makers: Mapping[str, Maker], progress: Progress) -> dict[str, bytes]:
    found = {}
    for place, (name, make) in enumerate(makers.items()):
        setting(progress, place, name)
        found[name] = make()
    return found


def stem_of(snapshot: Snapshot, language: str) -> str:
    company = slugify(snapshot.company.removesuffix(" Inc.")) or "report"
    return f"{company}-{snapshot.month}" + ("" if language == "en" else f"-{language}")


def makers_of(snapshot: Snapshot, language: str) -> dict[str, Maker]:
    """What speaks a language."""
    told, stem = document(snapshot, language), stem_of(snapshot, language)
    return {
        f"{stem}.pdf": lambda: pdf.render(told, snapshot.month),
        f"{stem}.docx": lambda: docx.render(snapshot, told),
        f"{stem}.xlsx": lambda: xlsx.render(snapshot, told),
        f"{stem}.html": lambda: page.render(told),
        f"{stem}-charts.zip": lambda: images.render(told),
    }


def for_programs(snapshot: Snapshot, language: str = "en") -> dict[str, Maker]:
    """The same in every language."""
    stem = stem_of(snapshot, language)
    return {
        f"{stem}.csv": lambda: csv_file.render(snapshot),
        f"{stem}.json": lambda: json_file.render(snapshot),
    }
