"""Orders by hand-made answers: the bytes that leave, and what a machine's words mean."""

import base64
import hashlib

import msgspec
import pytest

from cango_ops.wire import Framing, Garbled, NoAnswer
from compute.models import Verb
from compute.protocols import ADAPTERS
from compute.protocols.md5crypt import md5crypt
from compute.protocols.orders import ORDERS
from compute.protocols.orders import order as shape
from compute.protocols.orders.order import Answer, Ready, Refusal, Wish, acting, preparing
from compute.protocols.signing import Login
from tests.compute.protocols.worlds import Machine

LOGIN = Login("root", "secret")


def prepared(language, machine, verb="sleep", limit_w=None, login=LOGIN):
    return machine.talk(preparing(ORDERS[language], Wish(verb, limit_w, 1_700_000_000), login, {}))


def told(language, answers, verb="sleep", limit_w=None, login=LOGIN):
    """(the answer, the questions that were asked)"""
    machine = Machine(answers)
    ready = prepared(language, machine, verb, limit_w, login)
    answer = machine.talk(acting(ready)) if isinstance(ready, Ready) else ready
    return answer, machine.asked


def test_every_language_here_is_one_that_is_read_and_knows_known_verbs():
    for language, orders in ORDERS.items():
        assert language in ADAPTERS
        assert orders.verbs <= {shape.SLEEP, shape.WAKE, shape.POWER_LIMIT}
    assert set(Verb.values) == {shape.SLEEP, shape.WAKE, shape.POWER_LIMIT, shape.SETPOINT}


def test_md5crypt_agrees_with_the_reference():
    assert md5crypt("password", "xxxxxxxx") == "UYCIxa628.9qXjpQCjM4a."


@pytest.mark.parametrize("language", ["antminer", "epic", "vnish", "whatsminer_v2", "whatsminer_v3"])
def test_a_language_with_a_password_asks_nothing_without_one(language):
    machine = Machine({})
    assert prepared(language, machine, login=None) == Answer(False, "no sign-in is known for it")
    assert machine.asked == []


CONF = msgspec.json.encode({"pools": [{"url": "a"}], "bitmain-work-mode": 0, "bitmain-freq-level": "90"})


def test_antminer_writes_back_what_it_read_with_another_mode():
    done = b'{"stats":"success","code":"M000","msg":"OK!"}'
    answer, asked = told("antminer", {"get_miner_conf": CONF, "set_miner_conf": done})

    assert answer == Answer(True, "M000 OK!")
    body = msgspec.json.decode(asked[-1].payload.partition(b"\r\n\r\n")[2])
    assert body == {"pools": [{"url": "a"}], "freq-level": "90", "bitmain-work-mode": 1, "miner-mode": 1}
    assert asked[-1].port == 80


def test_antminer_without_pools_is_not_written_to():
    answer, asked = told("antminer", {"get_miner_conf": b'{"pools":[],"bitmain-work-mode":"0"}'})
    assert answer == Answer(False, "its configuration names no pools: writing it back would leave it without")
    assert [ask.name for ask in asked] == ["get_miner_conf"]


@pytest.mark.parametrize("said", [b'{"code":"M001","msg":"Illegal request!"}', b'{"code":"M005","msg":""}'])
def test_any_other_code_of_antminer_is_a_no(said):
    answer, _ = told("antminer", {"get_miner_conf": CONF, "set_miner_conf": said})
    assert not answer.is_yes


def test_an_answer_that_says_nothing_leaves_it_open():
    with pytest.raises(Garbled):
        told("antminer", {"get_miner_conf": CONF, "set_miner_conf": b"{}"})
    with pytest.raises(NoAnswer):
        told("antminer", {"get_miner_conf": CONF})


def test_braiins_signs_in_and_puts_without_a_bearer():
    answer, asked = told("braiins", {"auth_login": b'{"token":"abc","timeout_s":3600}', "pause": b"false"})
    assert answer == Answer(True, "false")
    head = asked[-1].payload.decode()
    assert head.startswith("PUT /api/v1/actions/pause HTTP/1.1\r\n")
    assert "\r\nAuthorization: abc\r\n" in head


def test_braiins_of_before_rest_is_told_over_rpc():
    machine = Machine({"resume": b'{"STATUS":[{"STATUS":"S","Msg":"Resume"}],"id":1}'}, otherwise="refused")
    ready = prepared("braiins", machine, "wake")
    assert machine.talk(acting(ready)) == Answer(True, "Resume")
    with pytest.raises(NoAnswer):
        prepared("braiins", Machine({}, otherwise="refused"), "power_limit", 3000)


def test_avalon_is_told_when_and_says_yes_by_information():
    said = b'{"STATUS":[{"STATUS":"I","Code":118,"Msg":"ASC 0 set info: success softoff:1700000000"}]}'
    answer, asked = told("avalon", {"ascset": said})
    assert answer.is_yes
    assert asked[0].payload == b'{"command":"ascset","parameter":"0,softoff,1:1700000000"}'


def test_luxos_gives_its_session_back_when_the_answer_does_not_come():
    machine = Machine({"logon": b'{"STATUS":[{"STATUS":"S"}],"SESSION":[{"SessionID":"ab12"}]}'})
    ready = prepared("luxos", machine)
    with pytest.raises(NoAnswer):
        machine.talk(acting(ready))
    assert machine.names == ["logon", "curtail", "logoff"]
    machine.talk(ready.leave())
    assert machine.names[-1] == "logoff"


def test_whatsminer_v3_is_signed_as_its_document_says():
    machine = Machine(
        {
            "get_device_info_salt": b'{"code":0,"msg":{"salt":"BQ5hoXV9"}}',
            "set_miner_power_limit": b'{"code":0,"msg":"ok"}',
        }
    )
    ready = prepared("whatsminer_v3", machine, "power_limit", 3000)
    assert machine.talk(acting(ready)) == Answer(True, "ok")

    said = machine.asked[-1]
    digest = hashlib.sha256(b"set.miner.power_limitsecretBQ5hoXV91700000000").digest()
    assert said.framing is Framing.LENGTH_LE32
    assert int.from_bytes(said.payload[:4], "little") == len(said.payload) - 4
    assert msgspec.json.decode(said.payload[4:]) == {
        "cmd": "set.miner.power_limit", "param": 3000, "ts": 1_700_000_000, "account": "super",
        "token": base64.b64encode(digest)[:8].decode(),
    }  # fmt: skip


def test_whatsminer_v3_says_no_in_words():
    answers = {
        "get_device_info_salt": b'{"code":0,"msg":{"salt":"s"}}',
        "set_miner_service": b'{"code":-2,"msg":"invalid token"}',
    }
    assert told("whatsminer_v3", answers)[0] == Answer(False, "invalid token (code -2)")


def test_epic_s_two_hundred_may_be_a_no():
    answer, asked = told("epic", {"miner": b'{"result":false,"error":"Invalid password"}'})
    assert answer == Answer(False, "Invalid password")
    assert asked[0].payload.endswith(b'{"param":"Stop","password":"secret"}')


def test_vnish_stops_with_the_token_of_its_password():
    answer, asked = told("vnish", {"unlock": b'{"token":"t0"}', "mining_stop": b""})
    assert answer == Answer(True, "done")
    assert b"\r\nAuthorization: Bearer t0\r\n" in asked[1].payload


@pytest.mark.parametrize(
    ("language", "verb", "line"),
    [
        ("proto", "sleep", b"POST /api/v1/mining/stop HTTP/1.1"),
        ("bitaxe", "wake", b"POST /api/system/resume HTTP/1.1"),
        ("gpu_node", "sleep", b"POST /sleep?level=1 HTTP/1.1"),
        ("gpu_node", "wake", b"POST /wake_up HTTP/1.1"),
    ],
)
def test_the_others_are_one_line(language, verb, line):
    everything = dict.fromkeys(("mining_stop", "system_resume", "is_sleeping", "sleep", "wake"), b"{}")
    answer, asked = told(language, everything, verb, login=None)
    assert answer.is_yes
    assert asked[-1].payload.startswith(line)


class Denies(Machine):
    """Answers one question with an HTTP status that is no answer."""

    def __init__(self, answers, name, status):
        super().__init__(answers)
        self.name, self.status = name, status

    def fetch(self, ask):
        if ask.name == self.name:
            raise NoAnswer("denied" if self.status in (401, 403) else "bad_status", f"HTTP {self.status}")
        return super().fetch(ask)


def test_a_server_without_its_development_mode_is_left_alone():
    machine = Denies({}, "is_sleeping", 404)
    assert not prepared("gpu_node", machine).is_yes
    assert machine.names == ["is_sleeping"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429])
def test_a_status_of_four_hundred_is_a_no(status):
    machine = Denies({"is_sleeping": b"{}"}, "sleep", status)
    assert not machine.talk(acting(prepared("gpu_node", machine))).is_yes


def test_a_status_of_five_hundred_leaves_it_open():
    machine = Denies({"is_sleeping": b"{}"}, "sleep", 503)
    with pytest.raises(NoAnswer):
        machine.talk(acting(prepared("gpu_node", machine)))


def test_a_refusal_outside_a_conversation_is_still_an_error():
    with pytest.raises(Refusal):
        shape.known(None)
