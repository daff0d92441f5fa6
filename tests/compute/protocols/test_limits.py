"""What a hostile answer may cost: frames of any cut, memory, and everything that is no answer at all."""

import resource

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cango_ops.frames import frame_of, length_prefixed
from cango_ops.wire import Ask, Framing, Garbled, NoAnswer
from compute.protocols import ADAPTERS
from tests.compute.protocols.test_every_adapter import Always, read_or_refuse

LIMIT = 4096
MIB = 1 << 20


def fed(framing: Framing, data: bytes, cuts: list[int]) -> bytes | str:
    """The body of an answer that comes in pieces, or the name of the error that stopped it."""
    frame = frame_of(Ask("any", b"", framing, limit_bytes=LIMIT))
    at = 0
    try:
        for cut in [*sorted(cut % (len(data) + 1) for cut in cuts), len(data)]:
            body = frame.feed(data[at:cut])
            at = cut
            if body is not None:
                return body
        return frame.eof()
    except (Garbled, NoAnswer) as why:
        return type(why).__name__


@pytest.mark.parametrize("framing", list(Framing))
@given(data=st.binary(max_size=300), cuts=st.lists(st.integers(0, 300), max_size=6))
def test_noise_in_any_pieces_ends_in_a_body_or_in_one_of_two_errors(framing, data, cuts):
    assert isinstance(fed(framing, data, cuts), bytes | str)


bodies = st.binary(min_size=1, max_size=200)


@given(body=bodies, cuts=st.lists(st.integers(0, 300), max_size=6))
def test_a_counted_answer_is_whole_however_it_is_cut(body, cuts):
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:7], body[7:]) if part)
    framed = {
        Framing.LENGTH_LE32: length_prefixed(body),
        Framing.CLOSE: body,
        Framing.HTTP: b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body),
    }

    assert {framing: fed(framing, data, cuts) for framing, data in framed.items()} == dict.fromkeys(framed, body)
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert fed(Framing.HTTP, head + chunks + b"0\r\n\r\n", cuts) == body


@given(body=bodies, lost=st.integers(1, 400))
def test_a_cut_off_counted_answer_is_never_taken_for_a_whole_one(body, lost):
    for framing, data in (
        (Framing.LENGTH_LE32, length_prefixed(body)),
        (Framing.HTTP, b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)),
    ):
        assert fed(framing, data[: -min(lost, len(data))], []) in ("NoAnswer", "Garbled")


@pytest.mark.parametrize(
    ("framing", "head"),
    [
        (Framing.CLOSE, b"x" * (LIMIT + 1)),
        (Framing.LENGTH_LE32, (1 << 31).to_bytes(4, "little")),
        (Framing.LENGTH_LE32, b"\xff\xff\xff\xff"),
        (Framing.HTTP, b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n"),
        (Framing.HTTP, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n"),
        (Framing.HTTP, b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 5_000),
    ],
)
def test_an_answer_that_announces_too_much_is_given_up_at_its_head(framing, head):
    assert fed(framing, head, []) == "NoAnswer"


LARGE = {
    "text": b'{"STATS":[{"a":"' + b"x" * (MIB - 100) + b'"}]}',
    "digits": b'{"SUMMARY":[{"MHS av":' + b"9" * (MIB - 100) + b"}]}",
    "depth": b'{"a":' * (MIB // 5 - 20),
    "rows": b'{"STATS":[' + b'{"GHS 5s":1},' * (MIB // 13 - 20) + b"{}]}",
    "not text": b"\xff\xfe" * (MIB // 2),
    "metrics": b'DCGM_FI_DEV_GPU_TEMP{UUID="a"} 1\n' * (MIB // 33),
    "uuids": b"".join(b'DCGM_FI_DEV_GPU_TEMP{UUID="%d"} 1\n' % at for at in range(MIB // 40)),
}


@pytest.mark.parametrize("name", LARGE)
def test_the_largest_answers_leave_no_memory_behind(name):
    raw = LARGE[name]
    for adapter in ADAPTERS.values():
        read_or_refuse(adapter.poll(), Always(raw))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(3):
        for adapter in ADAPTERS.values():
            read_or_refuse(adapter.poll(), Always(raw))

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024  # KiB
