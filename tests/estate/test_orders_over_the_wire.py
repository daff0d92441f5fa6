"""What the console's orders do to machines that answer real protocols; the estate's journal is the judge."""

import asyncio
from ipaddress import ip_network

import msgspec
import pytest

from cango_ops.base.switchboard.board import Switchboard
from cango_ops.base.switchboard.call import Call
from cango_ops.base.switchboard.reach import reach_of
from cango_ops.estate.dialects.whatsminer_commands import is_locked
from cango_ops.estate.layout import CGMINER_PORT, DCGM_PORT, MOVED_PORTS
from cango_ops.estate.logins import LOGINS
from compute.protocols.orders import ORDERS
from compute.protocols.orders.order import Answer, Ready, Wish, acting, preparing
from compute.protocols.signing import Login

MINUTE = 60
LOOPBACK = reach_of([(ip_network("127.0.0.0/8"), ((1, 65535),))])
LANGUAGES = ("antminer", "braiins", "luxos", "whatsminer_v2", "avalon")
FACTORY = {language: Login(*words) for language, words in LOGINS.items()}
WRITES = {
    "antminer": ("set_miner_conf", "set_miner_conf"),
    "braiins": ("actions/pause", "actions/resume"),
    "luxos": ("curtail", "curtail"),
    "whatsminer_v2": ("power_off", "power_on"),
    "avalon": ("ascset", "ascset"),
}


def asked(estate, address, port, begin):
    """The result of one conversation, or the reason why there is none."""
    shift = estate.estate.shift
    moved = {usual: there + shift for usual, there in MOVED_PORTS.items()}
    with Switchboard(moved_ports=moved) as board:
        board.add(Call("one", address, port + shift, begin, reach=LOOPBACK))
        while board.busy:
            for outcome in board.step(0.1):
                return outcome.failure or outcome.result


async def tell(estate, machine, verb, limit_w=None, kept=None, login=None, port=CGMINER_PORT):
    orders = ORDERS[machine.language]
    wish = Wish(verb, limit_w, int(estate.clock.now))
    signed = login or FACTORY.get(machine.language)
    kept = {} if kept is None else kept
    ready = await asyncio.to_thread(asked, estate, machine.address, port, lambda: preparing(orders, wish, signed, kept))
    if not isinstance(ready, Ready):
        return ready
    return await asyncio.to_thread(asked, estate, machine.address, port, lambda: acting(ready))


def a_machine(estate, language):
    return next(m for m in estate.machines() if m.language == language and not is_locked(m))


def hashes(estate, machine):
    return machine.pace(estate.clock.now)[0]


def journal(estate, machine):
    return [entry for entry in estate.world.journal.entries if entry.address == machine.address]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_each_language_sleeps_and_wakes_by_one_write_each(estate, language):
    machine = a_machine(estate, language)

    assert (await tell(estate, machine, "sleep")).is_yes
    estate.clock.now += 2 * MINUTE
    assert hashes(estate, machine) == 0
    assert (await tell(estate, machine, "wake")).is_yes
    estate.clock.now += 20 * MINUTE
    assert hashes(estate, machine) > 0.9

    writes = [entry.command for entry in journal(estate, machine) if entry.command in WRITES[language]]
    assert writes == list(WRITES[language])


@pytest.mark.parametrize("language", ["braiins", "luxos", "whatsminer_v2"])
async def test_a_limit_in_watts_is_kept(estate, language):
    machine = a_machine(estate, language)
    limit_w = round(machine.plate.watts * 0.8)

    assert (await tell(estate, machine, "power_limit", limit_w)).is_yes
    estate.clock.now += 20 * MINUTE

    assert machine.limit_w() <= limit_w
    assert machine.power_at(estate.clock.now) < limit_w * 1.05


async def test_an_antminer_keeps_its_pools_when_it_goes_to_sleep(estate):
    machine = a_machine(estate, "antminer")

    await tell(estate, machine, "sleep")

    written = msgspec.json.decode(journal(estate, machine)[0].parameters)
    assert len(written["pools"]) >= 1
    assert written["pools"][0]["url"].startswith("stratum+tcp://")
    assert (written["miner-mode"], written["bitmain-work-mode"], written["freq-level"]) == ("1", "1", "100")
    assert "bitmain-freq-level" not in written


async def test_a_wrong_password_changes_nothing(estate):
    machine = a_machine(estate, "antminer")
    assert await tell(estate, machine, "sleep", login=Login("root", "wrong")) == Answer(
        False, "it does not take the sign-in"
    )
    machine = a_machine(estate, "whatsminer_v2")
    answer = await tell(estate, machine, "sleep", login=Login("admin", "wrong"))
    assert not isinstance(answer, Answer) or not answer.is_yes
    assert hashes(estate, machine) > 0


async def test_the_luxos_session_is_given_back_and_another_one_is_respected(estate):
    machine = a_machine(estate, "luxos")
    await tell(estate, machine, "sleep")
    assert [entry.command for entry in journal(estate, machine)] == ["logon", "curtail", "logoff"]

    await estate.rpc(machine, "logon")
    assert await tell(estate, machine, "wake") == Answer(False, "another session is active on it")


async def test_luxos_atm_is_off_around_the_profile_and_on_again(estate):
    machine = a_machine(estate, "luxos")
    session = (await estate.rpc(machine, "logon"))["SESSION"][0]["SessionID"]
    await estate.rpc(machine, "atmset", f"{session},enabled=true")
    await estate.rpc(machine, "logoff", session)
    estate.world.journal.entries.clear()

    assert (await tell(estate, machine, "power_limit", round(machine.plate.watts * 0.8))).is_yes

    said = [(entry.command, entry.parameters.partition(",")[2]) for entry in journal(estate, machine)]
    assert [command for command, _ in said] == ["logon", "atmset", "profileset", "atmset", "logoff"]
    assert [words for command, words in said if command == "atmset"] == ["enabled=false", "enabled=true"]
    assert (await estate.rpc(machine, "config"))["CONFIG"][0]["IsAtmEnabled"] is True


async def test_a_luxos_machine_without_a_profile_that_low_is_left_alone(estate):
    machine = a_machine(estate, "luxos")
    assert await tell(estate, machine, "power_limit", 100) == Answer(False, "it has no profile within 100 W")
    assert journal(estate, machine) == []


async def test_one_whatsminer_token_serves_for_many_commands(estate):
    machine, kept = a_machine(estate, "whatsminer_v2"), {}
    for verb in ("sleep", "wake", "sleep"):
        assert (await tell(estate, machine, verb, kept=kept)).is_yes
    first = kept["token"]

    estate.clock.now += 26 * MINUTE
    assert (await tell(estate, machine, "wake", kept=kept)).is_yes
    assert kept["token"] != first


async def test_a_whatsminer_with_writing_switched_off_says_so(estate):
    locked = next(m for m in estate.machines() if m.language == "whatsminer_v2" and is_locked(m))
    assert await tell(estate, locked, "sleep") == Answer(
        False, "writing is switched off on it (can't access write cmd)"
    )


async def test_braiins_refuses_watts_outside_its_constraints_before_anything_is_written(estate):
    machine = a_machine(estate, "braiins")
    answer = await tell(estate, machine, "power_limit", 90_000)
    assert not answer.is_yes
    assert answer.words.startswith("it takes ")
    assert journal(estate, machine) == []


async def test_an_inference_node_sleeps_and_wakes(estate):
    node = estate.node()

    assert await tell(estate, node, "sleep", port=DCGM_PORT) == Answer(True, "HTTP 200")
    assert node.sleep_level == 1
    assert (await tell(estate, node, "wake", port=DCGM_PORT)).is_yes
    assert node.sleep_level == 0
    assert [entry.command for entry in journal(estate, node)] == ["sleep", "wake_up"]
