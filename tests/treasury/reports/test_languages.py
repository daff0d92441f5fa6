"""Each document in each language, read back: its words, its numbers, its dates; and nothing left in English."""

import ast
import csv
import io
import re
import zipfile
from pathlib import Path

import docx
import openpyxl
import pytest

from tests.treasury.reports import reading
from treasury.reports import published
from treasury.reports.announcement import Release, text
from treasury.reports.compose import compose
from treasury.reports.documents.every import every, in_every_language
from treasury.reports.words.phrases import phrase
from treasury.reports.writer import document

REPORTS = Path(__file__).resolve().parents[3] / "treasury" / "reports"
# Of October 2025: the coins held as printed, the month, a heading, a definition, the legend, what is not reported.
SAID = {
    "fr": ("6\u202f412,6", "octobre 2025", "Évolution des Bitcoins détenus", "pools pour le travail du mois",
           "moyenne en service", "non publié"),
    "it": ("6412,6", "ottobre 2025", "Movimenti dei Bitcoin detenuti", "accreditati dai pool", "media in esercizio",
           "non comunicato"),
    "zh": ("6,412.6", "2025年10月", "比特币持仓变动", "矿池", "平均运行", "未披露"),
}  # fmt: skip
ENGLISH = re.compile(r"\b(?:not reported|This month|Definition|Figure|Held at|Roll-forward|unaudited|the month)\b")


@pytest.fixture(scope="module", params=SAID)
def told(request):
    """(language, files by ending, what the language says)."""
    files = every(compose(published.material("2025-10")), request.param)
    return request.param, {name.rpartition(".")[2]: data for name, data in files.items()}, SAID[request.param]


def squeezed(text):
    return re.sub(r"\s+", " ", text)


def test_the_pdf_speaks_the_language(told):
    _, files, (held, month, heading, definition, legend, _) = told

    text = reading.pdf_text(files["pdf"])

    whole = re.sub(r"\s+", "", text)
    assert all(re.sub(r"\s+", "", one) in whole for one in (held, month, heading, definition, legend))
    assert not ENGLISH.search(text)


def test_the_release_for_word_speaks_the_language(told):
    language, files, (held, month, heading, definition, _, _) = told

    file = docx.Document(io.BytesIO(files["docx"]))
    text = "\n".join(one.text for one in file.paragraphs)
    table = reading.docx_table(files["docx"])

    assert held in {cells[0] for cells in table.values()}
    assert month in file.tables[0].rows[0].cells[1].text
    assert heading in text
    assert definition in text
    assert not ENGLISH.search(text)
    assert file.core_properties.language == {"fr": "fr-FR", "it": "it-IT", "zh": "zh-CN"}[language]


def test_the_workbook_speaks_the_language_and_keeps_its_numbers(told):
    _, files, (_, month, _, definition, _, none) = told

    book = openpyxl.load_workbook(io.BytesIO(files["xlsx"]), data_only=True)
    first = book.worksheets[0]
    words = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell]
    figures = reading.xlsx_figures(files["xlsx"])

    assert first["C5"].value == month
    assert 6412.6 in {values[0] for values in figures.values()}
    assert any(definition in one for one in words)
    assert any(one.startswith(none) for one in words)
    assert len(set(book.sheetnames)) == 4
    assert not [one for one in words if ENGLISH.search(one)]


def test_the_page_speaks_the_language(told):
    language, files, (held, month, heading, definition, _, _) = told

    html = files["html"].decode()

    assert f'lang="{language}"' in html
    assert all(one in html for one in (held, month, heading, definition))
    assert not ENGLISH.search(re.sub(r"<[^>]*>", " ", html))


def test_the_image_pack_speaks_the_language(told):
    language, files, (held, month, _, _, legend, none) = told

    pack = zipfile.ZipFile(io.BytesIO(files["zip"]))
    lines = pack.read("hashrate.svg").decode()
    rows = list(csv.reader(io.StringIO(pack.read("held.csv").decode())))

    assert legend in lines
    assert f"<title>{document(compose(published.material('2025-10')), language).charts[2].title}</title>" in lines
    assert rows[-1] == [month, held]
    assert none in {row[1] for row in rows}
    assert pack.read("held.png").startswith(b"\x89PNG")


def test_the_mail_speaks_the_language_and_says_which_pdf_is_attached(told):
    language, _, (held, month, *_) = told
    snapshot = compose(published.material("2025-10"))
    files = [(f"cango-2025-10-{language}.pdf", 1, "x"), ("cango-2025-10.pdf", 1, "x")]

    mine = text(Release(snapshot, 1, "abc", None, files, "https://x/"), language)
    english = text(Release(snapshot, 1, "abc", None, files[1:], "https://x/"), language)

    assert held in mine
    assert month in mine
    assert not ENGLISH.search(mine)
    assert {"fr": "joint en PDF en anglais", "it": "allegato in PDF in inglese", "zh": "附件为英文PDF"}[
        language
    ] in english


def test_a_report_is_frozen_in_every_language():
    names = in_every_language(compose(published.material("2025-10")))

    assert len(names) == 7 + 3 * 5
    assert {"cango-2025-10.pdf", "cango-2025-10-fr.pdf", "cango-2025-10-zh.xlsx", "cango-2025-10.json"} <= set(names)
    assert "cango-2025-10-fr.json" not in names


@pytest.mark.parametrize(
    ("english", "language", "wanted"),
    [
        ("the meters were read in 12,345 of 31,248 site-hours", "fr",
         "les compteurs ont été lus pendant 12\u202f345 des 31\u202f248 heures-site"),
        ("42 sites, 99.31 % of the minutes observed", "it", "42 siti, 99,31% dei minuti osservati"),
        ("98.20 % of the site-hours known. as metered, without charges by the month", "zh",
         "已知站点小时的98.20%。按电表计，不含月度费用"),
        ("not published (at least 4451)", "fr", "non publié (au moins 4\u202f451)"),
        ("no nameplate of a GPU node is kept for PECOS, LAREDO", "it",
         "nessuna potenza nominale di nodo GPU è conservata per PECOS, LAREDO"),
        ("off by -0.50 BTC", "fr", "écart de \u22120,50 BTC"),
        ("said by somebody in other words", "fr", "said by somebody in other words"),
        ("owned", "en", "Owned"),
    ],
)  # fmt: skip
def test_a_phrase_is_said_with_its_numbers_set_anew(english, language, wanted):
    assert phrase(english, language) == wanted


def sayings():
    """Every reason and note that the gathering can say, with 7 where something is filled in."""
    for file in [*REPORTS.glob("from_*.py"), REPORTS / "figures.py", REPORTS / "rollforward.py"]:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "missing":
                yield from filled(node.args[0])
            for keyword in node.keywords if isinstance(node, ast.Call) else ():
                if keyword.arg == "note":
                    yield from filled(keyword.value)


def filled(node):
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else "7" for part in node.values)


def test_whatever_the_gathering_can_say_is_translated():
    found = sorted(set(sayings()))
    assert len(found) > 20

    assert [one for one in found for language in SAID if phrase(one, language) == one] == []
