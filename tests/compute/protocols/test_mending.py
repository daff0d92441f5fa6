"""Broken JSON of machines, each defect as a firmware writes it, and what may not be touched."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cango_ops.wire import Garbled
from compute.protocols.mending import read_json


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b'{"STATS":[{"a":1}{"b":2}]}', {"STATS": [{"a": 1}, {"b": 2}]}),
        (b'{"POOLS":[,{"a":1}]}', {"POOLS": [{"a": 1}]}),
        (b'{"a":1,}', {"a": 1}),
        (b'{"a":[1,2,],"b":3}', {"a": [1, 2], "b": 3}),
        (b'{"freq":"610""temp0":71}', {"freq": "610", "temp0": 71}),
        (b'{"a":nan,"b":-inf,"c":NaN}', {"a": None, "b": None, "c": None}),
        (b',"id":1}', {"id": 1}),
        (b'{"error_code":["110":"2024-01-02 03:04:05","600":"x"]}',
         {"error_code": [{"110": "2024-01-02 03:04:05"}, {"600": "x"}]}),
        (b'{"a":1e400,"b":2}', {"a": None, "b": 2}),
        (b'{"Msg":"line\nbreak"}', {"Msg": "line\nbreak"}),
    ],
    ids=["}{", "[,{", ",}", ",]", "lost comma", "not finite", "leading comma", "error list", "1e400", "line break"],
)  # fmt: skip
def test_a_defect_of_the_field_is_mended_and_noted(raw, value):
    read, notes = read_json(raw)

    assert read == value
    assert len(notes) == 1


def test_a_trailing_nul_is_the_end_of_the_wire_and_no_defect():
    assert read_json(b'{"a":1}\x00') == ({"a": 1}, [])


def test_an_answer_cut_off_at_the_buffer_keeps_what_was_complete():
    read, notes = read_json(b'{"SUMMARY":[{"Elapsed":10,"Error Code 0":110,"Error Co')

    assert read == {"SUMMARY": [{"Elapsed": 10, "Error Code 0": 110}]}
    assert notes == ["cut short: the end of the answer is missing"]


def test_half_a_number_is_not_kept():
    read, _ = read_json(b'{"fan1":5610,"fan2":56')

    assert read == {"fan1": 5610}


def test_text_inside_strings_is_left_alone():
    read, _ = read_json(b'{"a":"}{ [,{ ,} nan","b":1,}')

    assert read == {"a": "}{ [,{ ,} nan", "b": 1}


@pytest.mark.parametrize("raw", [b"", b"nonsense", b"<html>", b"\xff\xfe\x00", b"[" * 5000, b'{"a":' * 300])
def test_what_is_no_json_is_garbled(raw):
    with pytest.raises(Garbled):
        read_json(raw)


def test_more_than_a_mebibyte_is_garbled():
    with pytest.raises(Garbled, match="bytes of JSON"):
        read_json(b'"' + b"x" * (1 << 20) + b'"')


@given(st.binary(max_size=200))
def test_only_garbled_leaves_the_reader(raw):
    try:
        read_json(raw)
    except Garbled:
        return


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_valid_json_is_read_without_a_note(value):
    assert read_json(msgspec.json.encode(value)) == (value, [])


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b'{"a":007,"b":-00.5,"c":[01,0,100,10.05]}', {"a": 7, "b": -0.5, "c": [1, 0, 100, 10.05]}),
        (b'{"a":+5,"b":.5,"c":-.25}', {"a": 5, "b": 0.5, "c": -0.25}),
        (b'{"a":--,"b":-,"c":N/A,"d":"--"}', {"a": None, "b": None, "c": None, "d": "--"}),
        (b'{"User":"caf\xe9","a":1}', {"User": "caf\xe9", "a": 1}),
        (b'\xef\xbb\xbf{"a":1}', {"a": 1}),
        (b'{"a":"007 +5 .5 --",}', {"a": "007 +5 .5 --"}),
    ],
)
def test_values_that_are_padded_missing_or_of_another_alphabet(raw, value):
    assert read_json(raw)[0] == value
