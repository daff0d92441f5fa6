"""Files as people really send them: one clear error a line, and nothing is guessed."""

import contextlib
import io
import zipfile
from datetime import datetime

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from cango_ops.wire import Garbled
from treasury import tables

LIMITS = (1 << 20, 1000)


def rows(body):
    table = tables.read(body, *LIMITS)
    return [list(row.cells.values()) for row in table.rows], table.wrong


def workbook(lines, **sheets):
    body = io.BytesIO()
    book = xlsxwriter.Workbook(body, {"in_memory": True})
    for name, cells in ({"Sheet1": lines} | sheets).items():
        sheet = book.add_worksheet(name)
        for number, line in enumerate(cells):
            sheet.write_row(number, 0, line)
    book.close()
    return body.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        "ref,sat\nab,5\n",
        "ref;sat\r\nab;5\r\n",
        "ref\tsat\nab\t5",
        "\ufeffref,sat\nab,5\n",
        ' ref , sat\n "ab" ,5 \n,\n',
    ],
    ids=["commas", "semicolons", "tabs", "byte order mark", "spaces and an empty line"],
)
def test_a_csv_however_it_was_saved(text):
    (line,), wrong = rows(text.encode())

    assert [cell.strip('"') for cell in line] == ["ab", "5"]
    assert wrong == []


def test_columns_may_stand_in_any_order_and_lines_keep_their_number():
    table = tables.read(b'sat,ref\n5,"a\nb"\n6,c\n', *LIMITS)

    assert [(row.line, row.cells["sat"]) for row in table.rows] == [(3, "5"), (4, "6")]


def test_a_decimal_comma_gives_a_cell_too_many():
    assert rows(b"ref,btc\nab,1.234,56\ncd,1\n") == ([["cd", "1"]], ["line 2: 3 cells under 2 columns"])


WHOLE = {
    "nothing": (b"", "the file is empty"),
    "UTF-16": ("ref,sat\n".encode("utf-16"), "in UTF-16: save it as CSV in UTF-8"),
    "Latin-1": (b"ref,sat\nab,5\nM\xfcnchen,6\n", "line 3: the file is no CSV in UTF-8"),
    "an old workbook": (b"\xd0\xcf\x11\xe0" + bytes(600), "an old workbook: save it as .xlsx"),
    "a column twice": (b"ref,sat,ref\n", "the column ref stands twice"),
    "an open quote": (b'ref,sat\n"ab,5\n', "the file is no CSV"),
    "too long": (b"x" * (2 << 20), "longer than 1048576 bytes"),
    "too many lines": (b"ref\n" + b"a\n" * 2000, "more than 1000 lines: send it in parts"),
    "too many columns": (b",".join(b"c%d" % n for n in range(200)), "more than 100 columns"),
    "a zip of nothing": (b"PK\x03\x04" + bytes(100), "no workbook that can be read"),
    "two sheets": (workbook([["ref"]], More=[["x"]]), "has 2 sheets: leave the one"),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_file_that_is_no_table_is_refused_whole(name):
    body, words = WHOLE[name]

    with pytest.raises(Garbled, match=words):
        rows(body)


def test_a_workbook_is_read_as_its_cells_stand():
    body = workbook([["ref", "sat", "at", "btc"], ["ab", 5, "2025-10-01T00:00:00Z", 0.5], [], ["cd", 6.0, "", 1e-8]])

    assert rows(body) == ([["ab", "5", "2025-10-01T00:00:00Z", "0.5"], ["cd", "6", "", "1e-08"]], [])


def test_days_of_a_workbook_are_days():
    book = openpyxl.Workbook()
    book.active.append(["day", "at"])
    book.active.append([datetime(2025, 10, 1), datetime(2025, 10, 1, 4, 30)])  # noqa: DTZ001  a sheet knows no zones
    body = io.BytesIO()
    book.save(body)

    assert rows(body.getvalue()) == ([["2025-10-01", "2025-10-01T04:30:00"]], [])


def test_formulas_and_errors_and_long_numbers_are_named_by_their_line():
    body = workbook([["ref", "sat"], ["ab", "=1+1"], ["cd", 10**17], ["ef", 5]])

    told, wrong = rows(body)

    assert told == [["ef", "5"]]
    assert wrong == [
        "line 2: a cell is a formula or an error: paste its value",
        "line 3: a number has more digits than a spreadsheet keeps: write it as text",
    ]


def test_merged_cells_are_refused():
    book = openpyxl.Workbook()
    book.active.append(["ref", "sat"])
    book.active.merge_cells("A2:B2")
    body = io.BytesIO()
    book.save(body)

    with pytest.raises(Garbled, match="merged cells: unmerge them"):
        rows(body.getvalue())


def packed(**parts):
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as out:
        for name, text in parts.items():
            out.writestr(name, text)
    return body.getvalue()


def test_a_small_file_that_unpacks_to_a_large_one_is_refused():
    with pytest.raises(Garbled, match="unpacks to more than 128 MiB"):
        rows(packed(**{"xl/workbook.xml": bytes(129 << 20)}))
    with pytest.raises(Garbled, match="unpacks"):
        rows(packed(**{f"{n}.xml": b"" for n in range(300)}))


def test_a_sheet_that_lies_of_its_size_costs_nothing():
    honest = io.BytesIO(workbook([["ref", "sat"], ["ab", 5]]))
    body = io.BytesIO()
    with zipfile.ZipFile(honest) as old, zipfile.ZipFile(body, "w") as new:
        for part in old.infolist():
            text = old.read(part)
            new.writestr(part.filename, text.replace(b'ref="A1:B2"', b'ref="A1:XFD1048576"'))

    assert rows(body.getvalue()) == ([["ab", "5"]], [])


def test_all_that_is_wrong_is_said_and_not_more_than_a_page_of_it():
    with pytest.raises(Garbled) as caught:
        tables.refuse([f"line {n}: x" for n in range(2, 80)])

    assert str(caught.value).endswith("line 51: x; and 28 lines more")


GOOD = workbook([["ref", "sat"], ["ab", 5]])


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_damaged_workbook_raises_one_error(data):
    body = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(4, len(body) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(Garbled):
        rows(bytes(body))
