"""The report as a typeset, tagged PDF (PDF/UA-1). The same document gives the same bytes on every machine.

Only the fonts that come with the compiler are used, and for Chinese, which they lack, the one that an installed package
brings (FONTS). Where that package is missing the machine's fonts are used, which the document then says, and CannotSet
is raised where it has none.
"""

import json
import re
from dataclasses import asdict
from datetime import UTC, date, datetime
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


HAN: Final = re.compile("[\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
UNKNOWN: Final = re.compile(r'the text `"(.+?)"` could not be displayed')
ESCAPED: Final = re.compile(r"\\u\{([0-9a-f]+)\}")
BOX: Final = "\u25a1"
MOST_UNKNOWN: Final = 40


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


def fonts_for(language: str, text: str = "") -> tuple[typst.Fonts, bool]:
    """The fonts, and whether they are this machine's own. Chinese names in other languages get theirs, too."""
    is_chinese = language == "zh"
    fonts = chinese_fonts() if is_chinese or HAN.search(text) else []
    is_of_machine = is_chinese and not fonts
    return typst.Fonts(include_system_fonts=is_of_machine, font_paths=fonts), is_of_machine


def picture(svg: str, language: str) -> bytes:
    """A drawing as PNG, 1600 pixels wide."""
    return typst.compile(
        PICTURE,
        sys_inputs={"svg": svg}, font_paths=fonts_for(language)[0], format="png", ppi=192,
    )  # fmt: skip


def render(document: Document, month: str) -> bytes:
    """Raises CannotSet."""
    last, told = months.last_day(month), json.dumps(asdict(document), ensure_ascii=False)
    fonts, is_of_machine = fonts_for(document.language, told)
    note = document.labels["machine_font"] if is_of_machine else ""
    for _ in range(MOST_UNKNOWN):
        try:
            return compiled(told, last, note, fonts)
        except typst.TypstError as why:
            told = without(unknown(why.message), told, document.language)
    raise CannotSet(
        f"more than {MOST_UNKNOWN} letters of the {document.language} document are in no font of this machine"
    )


def compiled(told: str, last: date, note: str, fonts: typst.Fonts) -> bytes:
    return typst.compile(
        TEMPLATE.read_bytes(),
        sys_inputs={"document": told, "date": last.isoformat(), "font_note": note},
        font_paths=fonts,
        pdf_standards=["ua-1"],
        timestamp=datetime(last.year, last.month, last.day, tzinfo=UTC),
    )


def unknown(message: str) -> str:
    """The letters that the compiler has in no font. Raises CannotSet where it stopped at something else."""
    found = UNKNOWN.search(message)
    if found is None:
        raise CannotSet(f"the document cannot be set: {message[:200]}")
    return ESCAPED.sub(lambda code: chr(int(code[1], 16)), found[1])


def without(letters: str, told: str, language: str) -> str:
    """With a box where each of the letters stood: a picture in a name does not stop a report. Raises CannotSet where
    they are of the language itself."""
    if language == "zh" and HAN.search(letters):
        raise CannotSet("no font of this machine has the letters of the zh document")
    found = told.translate(dict.fromkeys(map(ord, letters), BOX))
    if found == told:
        raise CannotSet(f"no font of this machine has {letters!r} of the {language} document")
    return found
