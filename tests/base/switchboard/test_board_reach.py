"""Where a switchboard connects to, and where never: whatever the address, the port or the answer says."""

from ipaddress import ip_network

import pytest

from cango_ops.base.switchboard.call import Call
from cango_ops.base.switchboard.reach import reach_of
from cango_ops.wire import Ask, Framing
from tests import machines
from tests.base.switchboard.calls import asks, call, only
from tests.machines import Field


def test_forbidden_place_is_never_connected_to(field: Field) -> None:
    port = field.put(machines.answers(b"secret"))

    outcome = only(call(port), forbidden=frozenset({("127.0.0.1", port)}))

    assert outcome.failure == "unreachable"
    assert ("127.0.0.1", port) not in field.connections


def test_port_zero_is_never_connected_to() -> None:
    assert only(call(0)).detail == "127.0.0.1:0 is not allowed at port 0"


def test_a_call_without_a_reach_goes_nowhere(field: Field) -> None:
    port = field.put(machines.answers(b"yes"))

    outcome = only(Call(None, "127.0.0.1", port, lambda: asks(Ask("q", b"-"))))

    assert (outcome.failure, outcome.detail) == (
        "unreachable", f"127.0.0.1:{port} is outside the site's address ranges",
    )  # fmt: skip
    assert ("127.0.0.1", port) not in field.connections


def test_a_question_for_another_port_stays_inside_the_reach(field: Field) -> None:
    own, other = field.put(machines.answers(b"yes")), field.put(machines.answers(b"yes"))
    reach = reach_of([(ip_network("127.0.0.1/32"), ((own, own),))])

    outcome = only(Call(None, "127.0.0.1", own, lambda: asks(Ask("a", b"-"), Ask("b", b"-", port=other)), reach=reach))

    assert outcome.detail == f"127.0.0.1:{other} is not allowed at port {other}"
    assert ("127.0.0.1", own) in field.connections
    assert ("127.0.0.1", other) not in field.connections


def test_a_port_that_moved_is_judged_by_where_it_leads(field: Field) -> None:
    web = field.put(machines.answers(b"yes"))
    reach = reach_of([(ip_network("127.0.0.1/32"), ((80, 80),))])
    one = Call(None, "127.0.0.1", 80, lambda: asks(Ask("a", b"-", port=80)), reach=reach)

    assert only(one, moved_ports={80: web}).detail == f"127.0.0.1:{web} is not allowed at port {web}"


def test_a_redirect_is_not_followed(field: Field) -> None:
    other = field.put(machines.answers(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes"))
    away = f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{other}/\r\nContent-Length: 0\r\n\r\n".encode()

    outcome = only(call(field.put(machines.answers(away)), Ask("a", b"GET / HTTP/1.1\r\n\r\n", Framing.HTTP)))

    assert outcome.failure == "bad_status"
    assert ("127.0.0.1", other) not in field.connections


@pytest.mark.parametrize("spelt", ["localhost", "127.1", "2130706433", "0x7f000001", "127.0.0.1.", "::ffff:127.0.0.1"])
def test_another_spelling_of_a_machine_is_never_connected_to(field: Field, spelt: str) -> None:
    port = field.put(machines.answers(b"yes"))

    assert only(call(port, address=spelt)).failure == "unreachable"
    assert ("127.0.0.1", port) not in field.connections
