"""The report as a typeset, tagged PDF (PDF/UA-1). The same document gives the same bytes on every machine.

Only the fonts that come with the compiler are used, but for Chinese, which they lack: there the machine's are, and
CannotSet is raised where it has none.
"""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import typst

from treasury.reports import months
from treasury.reports.document import Document

TEMPLATE: Final = Path(__file__).with_name("report.typ")


class CannotSet(ValueError):
    """A letter of the document is in no font of this machine."""


def render(document: Document, month: str) -> bytes:
    """Raises CannotSet."""
    last = months.last_day(month)
    told = {"document": json.dumps(asdict(document), ensure_ascii=False), "date": last.isoformat()}
    try:
        return typst.compile(
            TEMPLATE.read_bytes(),
            sys_inputs=told,
            ignore_system_fonts=document.language != "zh",
            pdf_standards=["ua-1"],
            timestamp=datetime(last.year, last.month, last.day, tzinfo=UTC),
        )
    except typst.TypstError as why:
        if "could not be displayed" in why.message:
            raise CannotSet(f"no font of this machine has a letter of the {document.language} document") from why
        raise
