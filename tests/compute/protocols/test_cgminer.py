"""The family's frame: requests, text replies, errors, joined reports, rates."""

import msgspec
import pytest

from cango_ops.wire import Garbled, NoAnswer
from compute.protocols import cgminer, cgminer_joined
from compute.protocols.cgminer import ask, parse_any, parse_reply
from compute.protocols.cgminer_joined import parse_joined
from compute.protocols.reading import Board, Pool, State
from compute.protocols.relatives import Cgminer
from tests.compute.protocols.worlds import Machine, answer, joined

SUMMARY = answer("SUMMARY", {"Elapsed": 7200, "MHS 5s": 368e6, "MHS 1m": 207e6, "MHS av": 206.9e6})
DEVS = answer("DEVS", {"ASC": 0, "Status": "Alive", "MHS 1m": 207e6, "Temperature": 61.5})


def test_a_request_is_json_with_flags_beside_the_command():
    assert ask("stats", new_api=True).payload == b'{"command":"stats","new_api":true}'


def test_a_text_reply_is_read_with_its_escapes():
    raw = rb"STATUS=S,When=1,Code=7,Msg=1 Pool(s)|POOL=0,URL=stratum\,tcp,User=a\=b\|c|" + b"\x00"

    reply = parse_reply(raw)

    assert reply["POOLS"] == [{"POOL": "0", "URL": "stratum,tcp", "User": "a=b|c"}]


@pytest.mark.parametrize("letter", ["E", "F"])
def test_errors_are_garbled_with_the_machines_words(letter):
    raw = f'{{"STATUS":[{{"STATUS":"{letter}","Code":45,"Msg":"Access denied to \'devs\' command"}}],"id":1}}'

    with pytest.raises(Garbled, match=r"Access denied to 'devs' command \(code 45\)"):
        parse_reply(raw.encode())


@pytest.mark.parametrize("letter", ["S", "I", "W"])
def test_success_information_and_warning_are_no_errors(letter):
    assert "SUMMARY" in parse_reply(answer("SUMMARY", {"Elapsed": 1}, letter=letter))


def test_a_status_that_is_a_word_is_understood():
    assert parse_any(b'{"STATUS":"E","Code":14,"Msg":"invalid cmd"}')["Code"] == 14
    with pytest.raises(Garbled):
        parse_reply(b'{"STATUS":"E","Code":14,"Msg":"invalid cmd"}')


def test_joined_reports_come_apart():
    parts = parse_joined(joined(summary=SUMMARY, devs=DEVS))

    assert parts["summary"]["SUMMARY"][0]["Elapsed"] == 7200
    assert parts["devs"]["DEVS"][0]["ASC"] == 0


def test_a_machine_that_joins_is_asked_once():
    machine = Machine({"summary+devs": joined(summary=SUMMARY, devs=DEVS)})

    reading = machine.talk(Cgminer().poll())

    assert machine.names == ["summary+devs"]
    assert reading.boards == [Board(slot=0, hashrate_ths=207.0, temperature_c=61.5)]


def test_a_machine_that_does_not_join_is_asked_one_by_one():
    machine = Machine({"summary+devs": answer("X", letter="E"), "summary": SUMMARY, "devs": DEVS})

    reading = machine.talk(Cgminer().poll())

    assert machine.names == ["summary+devs", "summary", "devs"]
    assert reading.state is State.MINING
    assert reading.notes == [cgminer_joined.ONE_BY_ONE]


def test_a_machine_known_not_to_join_is_not_asked_to():
    machine = Machine({"summary": SUMMARY, "devs": DEVS})

    machine.talk(Cgminer().poll(join=False))

    assert machine.names == ["summary", "devs"]


def test_the_rate_of_the_last_seconds_is_noise():
    reading = Machine({"summary": SUMMARY}).talk(Cgminer().poll())

    assert reading.hashrate_ths == 207.0


@pytest.mark.parametrize(("now", "rate"), [(368e6, 206.9), (0, 0.0)])
def test_an_average_stands_for_the_rate_unless_the_machine_stopped(now, rate):
    raw = answer("SUMMARY", {"Elapsed": 7200, "MHS 5s": now, "MHS av": 206.9e6})

    assert Machine({"summary": raw}).talk(Cgminer().poll()).hashrate_ths == rate


@pytest.mark.parametrize("reason", ["refused", "unreachable", "deadline"])
def test_a_machine_that_is_not_there_is_asked_once_only(reason):
    machine = Machine({}, otherwise=reason)

    with pytest.raises(NoAnswer):
        machine.talk(Cgminer().inspect())

    assert len(machine.asked) == 1


def test_pools_without_address_are_empty_places():
    reply = msgspec.json.decode(
        answer("POOLS", {"URL": "", "User": ""}, {"URL": "stratum+tcp://a:1", "Accepted": "12", "Stratum Active": True})
    )

    assert cgminer.parse_pools(reply) == [Pool(url="stratum+tcp://a:1", accepted=12, active=True)]


def test_a_relative_that_nobody_knows_gives_what_it_says():
    answers = {"summary": SUMMARY, "devdetails": answer("DEVDETAILS", {"Name": "C3012", "Model": "0"})}

    reading = Machine(answers).talk(Cgminer().inspect())

    assert (reading.model, reading.quality) == ("C3012", "unknown model")
    assert reading.hashrate_ths == 207.0
