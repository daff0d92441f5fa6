"""An inspection asks no more than it needs: each question is a connection that the machine has to serve."""

import json

import pytest

from cango_ops.wire import Ask, Framing, NoAnswer
from compute.protocols import ADAPTERS, signed
from compute.protocols.antminer import Antminer
from compute.protocols.cgminer_joined import parse_joined
from compute.protocols.luxos import Luxos
from compute.protocols.reading import Board, State
from compute.protocols.relatives import Cgminer
from compute.protocols.signing import Login
from tests.compute.protocols.worlds import Machine, answer, joined

STATS = answer(
    "STATS",
    {"BMMiner": "1.0.0", "Miner": "uart_trans.1.3", "Type": "Antminer S19 Pro"},
    {"STATS": 0, "Elapsed": 900, "GHS 5s": 110_000.0, "fan_num": 1, "fan1": 4000, "chain_acn1": 114},
)
POOLS = answer("POOLS", {"URL": "stratum+tcp://a:1", "User": "w"})
LUXOS = {
    "summary": answer("SUMMARY", {"Elapsed": 1, "GHS 5s": 59756.0}),
    "devs": answer("DEVS", {"ASC": 0, "MHS 5s": 59.7e6, "Nominal MHS": 60e6}),
    "power": answer("POWER", {"PSU": True, "Watts": 1051}),
    "fans": answer("FANS", {"ID": 0, "RPM": 1920}),
    "temps": answer("TEMPS", {"ID": 0, "TopLeft": 47.0}),
    "version": answer("VERSION", {"LUXminer": "2025.4.8"}),
    "config": answer("CONFIG", {"Model": "Antminer S19k Pro", "Profile": "290MHz"}),
    "pools": POOLS,
    "profiles": answer("PROFILES", {"Profile Name": "290MHz", "Watts": 1188}),
    "events": answer("EVENTS"),
    "stats": answer("STATS", {"chain_acn1": 77}),
}


class Guarded(Machine):
    """A machine whose web wants a sign-in for every page, and never likes the one it is given."""

    def fetch(self, ask: Ask) -> bytes:
        if ask.framing is Framing.HTTP:
            raise NoAnswer("denied", "HTTP 401", f'Digest realm="antMiner Configuration", nonce="{len(self.asked)}"')
        return super().fetch(ask)


def test_an_inspected_luxos_is_one_joined_question():
    machine = Machine({"+".join(LUXOS): joined(**LUXOS)})

    reading = machine.talk(Luxos().inspect())

    assert len(machine.asked) == 1
    assert (reading.model, reading.firmware, reading.power_limit_w) == ("Antminer S19k Pro", "2025.4.8", 1188.0)
    assert reading.boards == [Board(slot=0, hashrate_ths=59.7, temperature_c=47.0, chips=77)]


def test_what_the_joined_answer_leaves_out_is_asked_for_by_itself():
    told = {name: reply for name, reply in LUXOS.items() if name != "config"}
    machine = Machine({"+".join(LUXOS): joined(**told), "config": LUXOS["config"]})

    reading = machine.talk(Luxos().inspect())

    assert machine.names[1:] == ["config"]
    assert (reading.model, reading.quality) == ("Antminer S19k Pro", "ok")


def test_a_firmware_that_does_not_join_is_asked_one_by_one():
    machine = Machine(LUXOS)

    reading = machine.talk(Luxos().inspect())

    assert machine.names[1:] == list(LUXOS)
    assert (reading.model, reading.quality) == ("Antminer S19k Pro", "ok")


def test_the_last_report_of_an_answer_that_was_cut_off_is_not_believed():
    pools = [{"POOL": place, "URL": f"stratum+tcp://pool{place}:3333"} for place in range(3)]
    whole = joined(summary=LUXOS["summary"], pools=answer("POOLS", *pools))
    cut = whole[: whole.index(b"pool2")]

    assert list(parse_joined(cut)) == ["summary"]


def test_a_relative_that_joins_some_of_its_reports_is_asked_for_the_others():
    names = "summary+devs+pools+version+devdetails+stats"
    machine = Machine({names: joined(summary=LUXOS["summary"], devs=LUXOS["devs"]), "pools": POOLS})

    reading = machine.talk(Cgminer().inspect())

    assert machine.names == [names, "pools", "version", "devdetails", "stats"]
    assert [pool.user for pool in reading.pools] == ["w"]


def test_an_antminer_that_said_all_is_not_asked_for_its_summary_and_version():
    machine = Machine({"stats": STATS, "pools": POOLS})

    reading = machine.talk(Antminer().inspect())

    assert machine.names == ["stats", "pools", "get_system_info", "web_summary", "get_miner_conf"]
    assert (reading.firmware, reading.quality) == ("uart_trans.1.3", "ok")


def test_an_antminer_of_an_unknown_model_is_asked_for_its_summary_too():
    machine = Machine({"stats": STATS.replace(b"S19 Pro", b"S99")})

    machine.talk(Antminer().inspect())

    assert machine.names[:3] == ["stats", "summary", "pools"]


def test_a_web_that_refused_once_is_not_asked_for_its_other_pages():
    machine = Guarded({"stats": STATS, "pools": POOLS})

    machine.talk(Antminer().inspect())

    assert machine.names == ["stats", "pools", "get_system_info"]


def test_a_wrong_password_is_tried_once():
    machine = Guarded({"stats": STATS, "pools": POOLS})

    machine.talk(signed("antminer", Login("root", "wrong")).inspect())

    assert len([ask for ask in machine.asked if b"Authorization" in ask.payload]) == 1


def test_a_machine_that_has_nothing_but_a_guarded_web_is_not_read():
    machine = Guarded({})

    with pytest.raises(NoAnswer, match="denied"):
        machine.talk(signed("elphapex", Login("root", "wrong")).inspect())

    assert len(machine.asked) == 2


def test_a_page_that_is_missing_keeps_nobody_from_the_others():
    machine = Machine({"stats": STATS, "pools": POOLS, "get_miner_conf": b'{"bitmain-work-mode":"1"}'})

    assert machine.talk(Antminer().inspect()).state is State.MINING
    assert machine.names[-1] == "get_miner_conf"


def test_a_whatsminer_that_has_edevs_is_not_asked_for_devs():
    board = answer("DEVS", {"ASC": 0, "Slot": 0, "MHS 1m": 40e6, "Temperature": 70.0})
    machine = Machine({"summary": answer("SUMMARY", {"Elapsed": 9, "HS RT": 120e6}), "edevs": board})

    reading = machine.talk(ADAPTERS["whatsminer_v2"].inspect())

    assert not {"devs", "stats"} & set(machine.names)
    assert reading.boards == [Board(slot=0, hashrate_ths=40.0, temperature_c=70.0)]


def test_an_avalon_of_old_says_its_rate_in_summary_alone_and_is_then_at_work():
    state = "Ver[7411706-3162860] DNA[01] Elapsed[118] GHSmm[6824.35] TMax[89]"
    stats = json.dumps({"STATUS": [{"STATUS": "S"}], "STATS": [{"Elapsed": 118, "MM ID1": state}]}).encode()
    machine = Machine({"stats": stats, "summary": answer("SUMMARY", {"Elapsed": 118, "MHS av": 4.2e6})})

    reading = machine.talk(ADAPTERS["avalon"].inspect())

    assert (reading.hashrate_ths, reading.state) == (4.2, State.MINING)
