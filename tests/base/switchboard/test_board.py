"""The switchboard against real sockets: whatever a machine does, its call ends in time and the others go on."""

import contextlib
import gc
import socket
import time
from collections.abc import Generator, Iterator

import pytest

from cango_ops.base.switchboard.board import Switchboard
from cango_ops.base.switchboard.call import Call, Limits, Outcome
from cango_ops.base.switchboard.line import Line
from cango_ops.wire import Ask, Conversation, Framing, Garbled, NoAnswer
from tests import machines
from tests.base.switchboard.calls import LOOPBACK, asks, call, only, run
from tests.machines import Field


def test_answer_is_what_came_before_the_machine_closed(field: Field) -> None:
    port = field.put(machines.answers(b"STATUS=S,When=1|"))

    outcome = only(call(port, key="a"))

    assert outcome.call.key == "a"
    assert outcome.result == [b"STATUS=S,When=1|"]
    assert outcome.failure is None


def test_answer_longer_than_one_read_comes_whole(field: Field) -> None:
    body = bytes(range(256)) * 2000

    outcome = only(call(field.put(machines.answers(body))))

    assert outcome.result == [body]


def test_each_question_of_the_cgminer_family_has_its_own_connection(field: Field) -> None:
    port = field.put(machines.answers(b"yes"))

    outcome = only(call(port, Ask("summary", b"a"), Ask("stats", b"b"), Ask("pools", b"c")))

    assert outcome.result == [b"yes", b"yes", b"yes"]
    assert field.connections["127.0.0.1", port] == 3


def test_questions_in_frames_share_one_connection(field: Field) -> None:
    port = field.put(machines.echoes)

    outcome = only(call(port, framed(b"one"), framed(b"two"), framed(b"three")))

    assert outcome.result == [b"one", b"two", b"three"]
    assert field.connections["127.0.0.1", port] == 1


def test_machine_that_closes_after_each_frame_is_asked_on_anew(field: Field) -> None:
    port = field.put(machines.echoes_once)

    outcome = only(call(port, framed(b"one"), framed(b"two")))

    assert outcome.result == [b"one", b"two"]
    assert field.connections["127.0.0.1", port] == 2


def test_question_may_go_to_another_port_of_the_machine(field: Field) -> None:
    exporter, engine = field.put(machines.answers(b"gpus")), field.put(machines.answers(b"requests"))

    outcome = only(call(exporter, Ask("metrics", b"-"), Ask("vllm", b"-", port=engine)))

    assert outcome.result == [b"gpus", b"requests"]


def test_port_that_a_question_names_may_stand_elsewhere(field: Field) -> None:
    engine = field.put(machines.answers(b"requests"))

    outcome = only(call(9, Ask("vllm", b"-", port=8000)), moved_ports={8000: engine})

    assert outcome.result == [b"requests"]


def test_nobody_listens(field: Field) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        outcome = only(call(taken.getsockname()[1]))

    assert (outcome.result, outcome.failure) == (None, "refused")


def test_machine_that_does_not_accept_is_unreachable_when_the_connect_time_is_over() -> None:
    with deaf_port() as port:
        outcome = only(call(port, total_s=30.0), limits=Limits(connect_s=0.3))

    assert outcome.failure == "unreachable"
    assert outcome.detail == "no connection within 0.3 s"
    assert 0.3 <= outcome.seconds < 20.0


def test_hung_machine_ends_at_the_total_deadline(field: Field) -> None:
    outcome = only(call(field.put(machines.hangs), total_s=0.3))

    assert outcome.failure == "deadline"
    assert 0.3 <= outcome.seconds < 20.0


def test_dripping_machine_ends_at_the_total_deadline(field: Field) -> None:
    outcome = only(call(field.put(machines.drips), total_s=0.4))

    assert outcome.failure == "deadline"
    assert 0.4 <= outcome.seconds < 20.0


def test_many_slow_answers_share_one_deadline(field: Field) -> None:
    port = field.put(machines.answers(b"slow", after_s=0.15))

    outcome = only(call(port, *[Ask(f"q{n}", b"-") for n in range(20)], total_s=0.4))

    assert outcome.failure == "deadline"
    assert 0.4 <= outcome.seconds < 20.0


def test_flooding_machine_is_cut_off_at_its_byte_limit(field: Field) -> None:
    port = field.put(machines.floods)

    outcome = only(call(port, Ask("summary", b"-", limit_bytes=100_000)))

    assert outcome.failure == "too_large"


@pytest.mark.parametrize("behaviour", [machines.closes_at_once, machines.resets])
def test_machine_that_closes_without_a_word(field: Field, behaviour: machines.Behaviour) -> None:
    assert only(call(field.put(behaviour))).failure == "closed"


def test_garbled_answer_says_what_was_wrong(field: Field) -> None:
    def strict() -> Conversation[None]:
        yield Ask("summary", b"-")
        raise Garbled("no JSON at byte 0")

    outcome = only(Call(None, "127.0.0.1", field.put(machines.answers(b"<html>")), strict, reach=LOOPBACK))

    assert (outcome.failure, outcome.detail) == ("garbled", "no JSON at byte 0")


def test_fault_in_a_language_ends_its_own_call_only(field: Field) -> None:
    def broken() -> Conversation[None]:
        yield Ask("summary", b"-")
        raise KeyError("fan9")

    port = field.put(machines.answers(b"yes"))
    ended = {
        each.call.key: each
        for each in run(Call("broken", "127.0.0.1", port, broken, reach=LOOPBACK), call(port, key="sound"))
    }

    assert (ended["broken"].failure, ended["broken"].detail) == ("garbled", "not understood (KeyError: 'fan9')")
    assert ended["sound"].result == [b"yes"]


def test_conversation_may_go_on_after_an_answer_that_did_not_come(field: Field) -> None:
    def patient() -> Generator[Ask, bytes, list[object]]:
        heard: list[object] = []
        for question in (Ask("first", b"-", port=dead), Ask("second", b"-")):
            try:
                heard.append((yield question))
            except NoAnswer as why:
                heard.append(why.reason)
        return heard

    dead, port = field.put(machines.closes_at_once), field.put(machines.answers(b"yes"))

    assert only(Call(None, "127.0.0.1", port, patient, reach=LOOPBACK)).result == ["closed", b"yes"]


def test_deadline_lets_a_conversation_sum_up_what_it_heard(field: Field) -> None:
    def partial() -> Conversation[bytes]:
        first = yield Ask("summary", b"-")
        try:
            yield Ask("stats", b"-", port=hung)
        except NoAnswer:
            return first + b" only"
        return b"both"

    hung, port = field.put(machines.hangs), field.put(machines.answers(b"summary"))
    outcome = only(Call(None, "127.0.0.1", port, partial, total_s=1.5, reach=LOOPBACK))

    assert (outcome.result, outcome.failure) == (b"summary only", None)


def test_conversation_without_end_is_ended_at_the_deadline(field: Field) -> None:
    def stubborn() -> Conversation[None]:
        while True:
            with contextlib.suppress(NoAnswer):
                yield Ask("again", b"-")

    outcome = only(Call(None, "127.0.0.1", field.put(machines.hangs), stubborn, total_s=0.2, reach=LOOPBACK))

    assert outcome.failure == "deadline"


def test_calls_that_failed_hold_nothing_that_only_gc_would_free(field: Field) -> None:
    gc.collect()
    gc.disable()
    try:
        run(call(field.put(machines.hangs), total_s=0.2), call(0), call(field.put(machines.answers(b"yes"))))
        left = [one for one in gc.get_objects() if type(one) in (Line, Outcome, NoAnswer)]
    finally:
        gc.enable()

    assert left == []


def test_hung_machine_delays_no_other(field: Field) -> None:
    hung, sound = field.put(machines.hangs), field.put(machines.answers(b"yes"))

    ended = run(call(hung, total_s=3.0), *[call(sound) for _ in range(100)])

    assert [each.failure for each in ended] == [None] * 100 + ["deadline"]


def test_silent_group_leaves_the_places_of_the_others_free(field: Field) -> None:
    hung, sound = field.put(machines.hangs), field.put(machines.answers(b"yes"))
    dark = [
        Call("dark", "127.0.0.1", hung, lambda: asks(Ask("q", b"-")), group=1, total_s=2.0, reach=LOOPBACK)
        for _ in range(8)
    ]
    lit = [
        Call("lit", "127.0.0.1", sound, lambda: asks(Ask("q", b"-")), group=2, total_s=30.0, reach=LOOPBACK)
        for _ in range(60)
    ]

    ended = []
    with Switchboard(Limits(at_once=8, at_once_per_group=4, patience_s=9.0)) as board:
        for each in dark + lit:
            board.add(each)
        while board.busy:
            ended += [outcome.call.key for outcome in board.step(0.5)]

    # Four machines of the silent group hold four of the eight places for two seconds, and then the other four.
    assert ended == ["lit"] * 60 + ["dark"] * 8


def test_hung_machines_give_their_places_to_their_neighbours(field: Field) -> None:
    hung, sound = field.put(machines.hangs), field.put(machines.answers(b"yes"))
    calls = [call(hung, total_s=4.0) for _ in range(8)] + [call(sound) for _ in range(20)]

    began, last = time.monotonic(), 0.0
    with Switchboard(Limits(at_once_per_group=8, patience_s=0.2)) as board:
        for each in calls:
            board.add(each)
        while board.busy:
            if any(outcome.result for outcome in board.step(0.5)):
                last = time.monotonic() - began

    assert 0.2 <= last < 4.0


def test_slow_group_is_not_crowded_more(field: Field) -> None:
    slow = field.put(machines.answers(b"yes", after_s=0.3))
    with Switchboard(Limits(at_once_per_group=4, patience_s=0.1)) as board:
        for _ in range(4):
            board.add(call(slow, total_s=30.0))
        while board.busy:
            board.step(0.5)
        for _ in range(16):
            board.add(call(slow, total_s=30.0))
        most = 0
        while board.busy:
            most = max(most, board.turns.under_way)
            board.step(0.5)

    assert most == 4


def test_time_in_which_the_process_slept_is_nobody_s_delay(field: Field) -> None:
    port = field.put(machines.answers(b"yes", after_s=0.1))
    with Switchboard() as board:
        board.add(call(port, total_s=1.0))
        board.step(0.01)
        time.sleep(1.5)  # longer than the deadline
        ended = []
        while board.busy:
            ended += board.step(0.5)

    assert [outcome.failure for outcome in ended] == [None]


def test_no_more_calls_at_once_than_allowed(field: Field) -> None:
    port = field.put(machines.answers(b"yes", after_s=0.05))
    with Switchboard(Limits(at_once=5, patience_s=9.0)) as board:
        for _ in range(20):
            board.add(call(port))
        most = 0
        while board.busy:
            most = max(most, board.turns.active)
            board.step(0.5)

    assert most == 5


def test_closing_drops_what_is_under_way(field: Field) -> None:
    hung = field.put(machines.hangs)
    board = Switchboard()
    for _ in range(50):
        board.add(call(hung))
    board.step(0.05)

    board.close()

    assert not board.busy
    assert not board.lines


def framed(body: bytes) -> Ask:
    return Ask("frame", len(body).to_bytes(4, "little") + body, framing=Framing.LENGTH_LE32)


@contextlib.contextmanager
def deaf_port() -> Iterator[int]:
    """A port whose queue of connections is full, so that the kernel drops every further SYN."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        time.sleep(0.05)
        yield listener.getsockname()[1]
