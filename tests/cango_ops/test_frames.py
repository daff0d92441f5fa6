"""Frames: the same message however the bytes are split, and nothing but Garbled and NoAnswer for the rest."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cango_ops.frames import CloseFrame, Frame, LengthFrame, LinesFrame, ModbusFrame, frame_of, length_prefixed
from cango_ops.http_frame import HttpFrame, http_get, http_post
from cango_ops.wire import Ask, Framing, Garbled, NoAnswer

bodies = st.binary(min_size=1, max_size=300)
cuts = st.lists(st.integers(0, 400), max_size=12)


def pieces(message: bytes, at: list[int]) -> list[bytes]:
    edges = [0, *sorted(min(cut, len(message)) for cut in at), len(message)]
    return [message[a:b] for a, b in pairwise(edges) if a < b]


def collect(frame: Frame, message: bytes, at: list[int]) -> bytes:
    for piece in pieces(message, at):
        body = frame.feed(piece)
        if body is not None:
            return body
    return frame.eof()


def chunked(body: bytes, at: list[int]) -> bytes:
    parts = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces(body, at)]
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(parts) + b"0\r\n\r\n"


@given(bodies, cuts)
def test_close_framing_gives_all_that_came_before_the_close(body, at):
    assert collect(CloseFrame(), body, at) == body


@given(bodies, cuts)
def test_content_length_ends_the_body_wherever_the_bytes_were_split(body, at):
    message = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)

    assert collect(HttpFrame(), message + b"ignored", at) == body


@given(bodies, cuts, cuts)
def test_chunks_are_put_together_wherever_the_bytes_were_split(body, chunk_at, at):
    assert collect(HttpFrame(), chunked(body, chunk_at), at) == body


@given(bodies, cuts)
def test_a_body_without_length_ends_at_the_close(body, at):
    assert collect(HttpFrame(), b"HTTP/1.0 200 OK\r\nServer: lighttpd\r\n\r\n" + body, at) == body


@given(bodies, cuts)
def test_an_interim_response_is_skipped(body, at):
    head = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)

    assert collect(HttpFrame(), head + body, at) == body


@given(bodies, cuts)
def test_the_four_byte_length_ends_a_whatsminer_answer(body, at):
    assert collect(LengthFrame(), length_prefixed(body) + b"ignored", at) == body


@given(bodies, st.integers(1, 40), cuts)
def test_heartbeats_before_a_whatsminer_answer_are_passed_over(body, beats, at):
    assert collect(LengthFrame(), bytes(4 * beats) + length_prefixed(body), at) == body


@given(st.binary(max_size=300).map(lambda body: body.replace(b"\n", b" ")), cuts)
def test_a_line_feed_ends_a_line_wherever_the_bytes_were_split(body, at):
    assert collect(LinesFrame(), body + b"\nignored", at) == body


@given(cuts)
def test_notifications_between_the_answers_are_passed_over(at):
    said = [b'{"id":1,"result":[]}', b'{"method":"blockchain.headers.subscribe","params":[]}', b'{"id":0,"result":"x"}']

    assert collect(LinesFrame(wanted=2), b"\n".join(said) + b"\nmore", at) == said[0] + b"\n" + said[2]


@given(cuts)
def test_an_error_that_answers_no_question_is_the_last_line(at):
    said = b'{"id":0,"result":1}\n{"id":null,"error":{"code":-32600,"message":"excessive resource usage"}}'

    assert collect(LinesFrame(wanted=9), said + b"\n", at) == said


def test_who_closes_after_an_error_is_heard():
    said = b'{"id":0,"error":"unsupported protocol version"}'

    assert collect(LinesFrame(wanted=3), said + b"\n", []) == said


def test_a_line_that_is_cut_off_is_no_answer():
    with pytest.raises(NoAnswer, match="unfinished line"):
        collect(LinesFrame(), b"half", [])


@given(st.binary(min_size=1, max_size=250), cuts)
def test_a_modbus_answer_is_the_whole_unit(pdu, at):
    adu = b"\x00\x07\x00\x00" + (len(pdu) + 1).to_bytes(2, "big") + b"\x01" + pdu

    assert collect(ModbusFrame(), adu, at) == adu


@given(st.sampled_from(list(Framing)), st.binary(max_size=400), cuts)
def test_garbage_gives_a_body_or_one_of_two_errors(framing, noise, at):
    frame = frame_of(Ask("any", b"", framing, limit_bytes=100))

    try:
        body = collect(frame, noise, at)
    except (Garbled, NoAnswer):
        return
    assert len(body) <= 100 + 6


@given(bodies, st.data())
def test_a_torn_http_answer_is_no_answer(body, data):
    message = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    kept = data.draw(st.integers(0, len(message) - 1))

    with pytest.raises(NoAnswer) as caught:
        collect(HttpFrame(), message[:kept], [])

    assert caught.value.reason == "closed"


@pytest.mark.parametrize(
    "frame",
    [CloseFrame(8), HttpFrame(8), LengthFrame(8), LinesFrame(8)],
    ids=["close", "http", "length", "line"],
)
def test_an_answer_over_the_limit_is_too_large(frame):
    message = {
        CloseFrame: b"123456789",
        HttpFrame: b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
        LinesFrame: b"123456789",
        LengthFrame: b"\x09\x00\x00\x00",
    }[type(frame)]

    with pytest.raises(NoAnswer) as caught:
        frame.feed(message)

    assert caught.value.reason == "too_large"


def test_an_endless_http_head_is_too_large():
    with pytest.raises(NoAnswer) as caught:
        HttpFrame().feed(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 4000)

    assert caught.value.reason == "too_large"


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"SSH-2.0-dropbear\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    ],
)
def test_an_http_head_that_lies_is_garbled(head):
    with pytest.raises(Garbled):
        HttpFrame().feed(head)


@pytest.mark.parametrize(
    ("status", "reason"),
    [(b"401 Unauthorized", "denied"), (b"404 Not Found", "bad_status"), (b"302 Found", "bad_status")],
)
def test_a_status_that_carries_no_answer_is_no_answer(status, reason):
    with pytest.raises(NoAnswer) as caught:
        HttpFrame().feed(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")

    assert caught.value.reason == reason


def test_a_close_without_a_byte_is_closed():
    with pytest.raises(NoAnswer) as caught:
        CloseFrame().eof()

    assert caught.value.reason == "closed"


def test_a_post_says_the_length_of_its_body():
    request = http_post("/graphql", b'{"query":"{bos}"}')

    assert request.startswith(b"POST /graphql HTTP/1.1\r\nHost: ")
    assert b"Content-Length: 17\r\n" in request
    assert request.endswith(b'\r\n\r\n{"query":"{bos}"}')


def test_a_line_break_in_a_header_is_refused():
    with pytest.raises(ValueError, match="line break"):
        http_get("/metrics", {"Authorization": "x\r\nY: z"})


def test_every_challenge_of_a_refusal_is_handed_on():
    head = b'HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm="a"\r\n'
    head += b'WWW-Authenticate: Digest realm="b",\r\n nonce="n"\r\n\r\n'

    with pytest.raises(NoAnswer) as caught:
        HttpFrame().feed(head)

    assert caught.value.challenge == 'Basic realm="a", Digest realm="b", nonce="n"'


def test_a_header_may_be_folded_onto_a_second_line():
    head = b"HTTP/1.1 200 OK\r\nServer: a\r\n\tb\r\nContent-Length: 2\r\n\r\n"

    assert HttpFrame().feed(head + b"ok") == b"ok"


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("120", 120), ("999999999", 86_400), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-5", None), ("", None)],
)
def test_whoever_asks_to_be_left_alone_is_heard(said, seconds):
    with pytest.raises(NoAnswer, match="HTTP 429") as caught:
        HttpFrame().feed(f"HTTP/1.1 429 Too Many Requests\r\nRetry-After: {said}\r\n\r\n".encode())

    assert caught.value.retry_after_s == seconds
