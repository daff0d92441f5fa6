"""Calls of a switchboard to machines of this host, and what came of them."""

from ipaddress import ip_network

from cango_ops.base.switchboard.board import Switchboard
from cango_ops.base.switchboard.call import Call, Outcome
from cango_ops.base.switchboard.reach import reach_of
from cango_ops.wire import Ask, Conversation

LOOPBACK = reach_of([(ip_network("127.0.0.0/8"), ((1, 65535),))])


def asks(*questions: Ask) -> Conversation[list[bytes]]:
    heard = []
    for question in questions:
        heard.append((yield question))
    return heard


def call(port: int, *questions: Ask, key: object = None, total_s: float = 30.0, address: str = "127.0.0.1") -> Call:
    questions = questions or (Ask("summary", b"summary"),)
    return Call(key, address, port, lambda: asks(*questions), total_s=total_s, reach=LOOPBACK)


def run(*calls: Call, **how: object) -> list[Outcome]:
    outcomes = []
    with Switchboard(**how) as board:
        for each in calls:
            board.add(each)
        while board.busy:
            outcomes += board.step(0.5)
    return outcomes


def only(*calls: Call, **how: object) -> Outcome:
    (outcome,) = run(*calls, **how)
    return outcome
