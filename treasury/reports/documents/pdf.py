"""The report as a typeset, tagged PDF (PDF/UA-1). The same document gives the same bytes on every machine.

Only the fonts that come with the compiler are used, and for Chinese, which they lack, the one that an installed package
brings (FONTS). Where that package is missing the machine's fonts are used, which the document then says, and CannotSet
is raised where it has none.
"""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

import typst

from treasury.reports import months
from treasury.reports.document import Document

TEMPLATE: Final = Path(__file__).with_name("report.typ")
FONTS: Final = "justmytype-intl-cjk"


PICTURE: Final = b"""#set page(width: auto, height: auto, margin: 0pt)
#image(bytes(sys.inputs.svg), format: "svg", width: 600pt)"""


class CannotSet(ValueError):
    """A letter of the document is in no font of this machine."""


@cache
def chinese_fonts() -> list[Path]:
    """The folder of Noto Sans SC (SIL Open Font License) out of the package FONTS; empty where it is not installed."""
    try:
        files = distribution(FONTS).files or []
    except PackageNotFoundError:
        return []
    return [Path(str(file.locate())).parent for file in files if file.name.startswith("NotoSansSC")][:1]


def fonts_for(language: str) -> tuple[typst.Fonts, bool]:
    """The fonts, and whether they are this machine's own."""
    fonts = chinese_fonts() if language == "zh" else []
    is_of_machine = language == "zh" and not fonts
    return typst.Fonts(include_system_fonts=is_of_machine, font_paths=fonts), is_of_machine


def picture(svg: str, language: str) -> bytes:
    """A drawing as PNG, 1600 pixels wide."""
    return typst.compile(
        PICTURE,
        sys_inputs={"svg": svg}, font_paths=fonts_for(language)[0], format="png", ppi=192,
    )  # fmt: skip


def render(document: Document, month: str) -> bytes:
    """Raises CannotSet."""
    last = months.last_day(month)
    fonts, is_of_machine = fonts_for(document.language)
    told = {
        "document": json.dumps(asdict(document), ensure_ascii=False), "date": last.isoformat(),
        "font_note": document.labels["machine_font"] if is_of_machine else "",
    }  # fmt: skip
    try:
        return typst.compile(
            TEMPLATE.read_bytes(),
            sys_inputs=told,
            font_paths=fonts,
            pdf_standards=["ua-1"],
            timestamp=datetime(last.year, last.month, last.day, tzinfo=UTC),
        )
    except typst.TypstError as why:
        if "could not be displayed" in why.message:
            raise CannotSet(f"no font of this machine has a letter of the {document.language} document") from why
        raise
