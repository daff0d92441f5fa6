"""Frames of Modbus TCP."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cango_ops.wire import Garbled
from sites.meters import modbus
from sites.meters.catalog import METERS


def test_question_as_in_the_protocol_s_own_example() -> None:
    # Read holding registers 108 to 110 of unit 17: function 03, start 006B, count 0003.
    asked = modbus.ask(0x11, 0x006B, 3)

    assert asked.payload == bytes.fromhex("006b 0000 0006 11 03 006b 0003")


def test_answer_as_in_the_protocol_s_own_example() -> None:
    answer = bytes.fromhex("006b 0000 0009 11 03 06 022b 0000 0064")

    assert modbus.parse(answer, 0x11, 0x006B, 3) == [555, 0, 100]


def test_exception_is_told_in_words() -> None:
    with pytest.raises(modbus.Refused, match="illegal register") as caught:
        modbus.parse(bytes.fromhex("006b 0000 0003 11 83 02"), 0x11, 0x006B, 3)

    assert caught.value.code == 2


def test_unit_255_is_a_unit_like_the_others() -> None:
    assert modbus.parse(bytes.fromhex("006b 0000 0005 ff 03 02 022b"), 0xFF, 0x006B, 1) == [555]


@pytest.mark.parametrize(
    "answer",
    [
        "006c 0000 0009 11 03 06 022b 0000 0064",
        "006b 0000 0009 12 03 06 022b 0000 0064",
        "006b 0000 0007 11 03 04 022b 0000",
        "006b 0000 0009 11 04 06 022b 0000 0064",
        "006b",
    ],
)
def test_answer_to_anything_else_is_garbled(answer: str) -> None:
    with pytest.raises(Garbled):
        modbus.parse(bytes.fromhex(answer), 0x11, 0x006B, 3)


@given(st.sampled_from(sorted(METERS)), st.lists(st.binary(max_size=300), min_size=60, max_size=60))
def test_whatever_comes_back_nothing_but_garbled_leaves_a_meter(name: str, answers: list[bytes]) -> None:
    talk = METERS[name](1)
    try:
        ask = next(talk)
        for answer in answers:
            # A true head, so that the noise reaches what lies behind it.
            ask = talk.send(ask.payload[:4] + b"\0\0\1\3" + answer)
    except (Garbled, StopIteration):
        pass
