"""The text of a map's file: written always the same, read in whatever way a spreadsheet saved it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compute.map_file.text import COLUMNS, LIMIT_BYTES, Line, Wrong, read, written

HEAD = "container,slot,address,port,language\r\n"
ROW = "C1,1,10.0.0.1,4028,antminer\r\n"
CELLS = {"container": "C1", "slot": "1", "address": "10.0.0.1", "port": "4028", "language": "antminer"}


@pytest.mark.parametrize(
    "data",
    [
        (HEAD + ROW).encode(),
        (HEAD + ROW).encode("utf-8-sig"),
        (HEAD + ROW).encode("utf-16"),
        (HEAD + ROW).replace("\r\n", "\n").encode(),
        (HEAD + ROW).replace("\r\n", "\r").encode(),
        (HEAD + ROW).replace(",", ";").encode(),
        (HEAD + ROW).replace(",", "\t").encode(),
        (HEAD.upper() + ROW).encode(),
        (HEAD + ROW + "\r\n,,,,\r\n").encode(),
        (HEAD + ROW).replace("C1", '"C1"').encode(),
        (HEAD + ROW).replace("C1", " C1 ").encode(),
        (HEAD + ROW).rstrip().encode(),
    ],
)
def test_every_way_of_saving_it_reads_the_same(data):
    assert read(data) == ([Line(2, CELLS)], [])


def test_columns_may_stand_in_any_order():
    lines, wrong = read(b"port,slot,language,Container,address\n4028,1,antminer,C1,10.0.0.1\n")
    assert (lines, wrong) == ([Line(2, CELLS)], [])


def test_latin_1_is_read_where_it_is_no_utf_8():
    lines, _ = read((HEAD.strip() + ",model\r\n" + ROW.strip() + ",Modèle\r\n").encode("latin-1"))
    assert lines[0].cells["model"] == "Modèle"


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        (b"", Wrong(0, "", "is empty.")),
        (b"\r\n\r\n", Wrong(0, "", "is empty.")),
        (b"a" * (LIMIT_BYTES + 1), Wrong(0, "", "larger than 4 MiB.")),
        (b"\x00\x01", Wrong(0, "", "is no text.")),
        (b"PK\x03\x04\x00\x00", Wrong(0, "", "is no text.")),
        (b"\xff\xfe\x00", Wrong(0, "", "is no text.")),
        (HEAD.encode() + b'"C1', Wrong(0, "", "is no CSV (unexpected end of data).")),
        (b"container,slot,address,port\n", Wrong(1, "language", "is missing.")),
        (HEAD.strip().encode() + b",colour\n", Wrong(1, "colour", "is no column of a map.")),
        (HEAD.strip().encode() + b",slot\n", Wrong(1, "slot", "stands there twice.")),
        (HEAD.encode() + b"C1,1\r\n", Wrong(2, "", "has 2 cells instead of 5.")),
        (HEAD.encode() + ROW.replace("C1", "x" * 201).encode(), Wrong(2, "container", "longer than 200 characters.")),
        (HEAD.encode() + ROW.replace("C1", "C\x07").encode(),
         Wrong(2, "container", "holds characters that cannot be printed.")),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_with_its_line_and_column(data, wrong):
    assert read(data)[1] == [wrong]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "＝1"])
def test_a_formula_is_refused(cell):
    words = "begins like a formula; write an apostrophe in front of it, if it is meant so."
    assert read((HEAD + ROW.replace("C1", f'"{cell}"')).encode())[1] == [Wrong(2, "container", words)]


def test_a_line_over_several_lines_is_counted_by_its_first():
    assert read((HEAD + '"a\nb",1,1,1,1\r\nC1,1\r\n').encode())[1][-1].line == 4


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=60)


@given(st.lists(st.lists(TEXTS, min_size=11, max_size=11), max_size=5))
def test_what_was_written_is_read_back_as_it_was(rows):
    rows = [["C", *row[1:]] for row in rows]
    lines, wrong = read(written(rows).encode())

    assert wrong == []
    assert [[line.cells[name] for name in COLUMNS] for line in lines] == rows


@given(st.binary(max_size=300))
def test_any_bytes_are_lines_or_reasons(data):
    lines, wrong = read(data)
    assert all(one.words for one in wrong)
    assert all(set(one.cells) <= set(COLUMNS) for one in lines)
