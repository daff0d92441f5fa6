import msgspec
import pytest

from cango_ops.estate.dialects.md5crypt import md5crypt
from cango_ops.estate.dialects.whatsminer_cipher import key_of, opened, sealed, sign_of
from cango_ops.estate.dialects.whatsminer_commands import is_locked
from cango_ops.estate.layout import CGMINER_PORT

MINUTE = 60


async def rate(estate, machine) -> float:
    row = (await estate.rpc(machine, "summary"))["SUMMARY"][0]
    return row.get("GHS 5s", row.get("MHS 5s"))


async def logon(estate, machine) -> str:
    return (await estate.rpc(machine, "logon"))["SESSION"][0]["SessionID"]


async def test_braiins_pauses_and_resumes(estate):
    machine = estate.machine("braiins")

    await estate.rpc(machine, "pause")
    estate.clock.now += MINUTE
    assert await rate(estate, machine) == 0
    assert (await estate.rpc(machine, "tunerstatus"))["TUNERSTATUS"][0]["TunerChainStatus"][0]["Status"] == "Paused"

    await estate.rpc(machine, "resume")
    estate.clock.now += 20 * MINUTE
    assert await rate(estate, machine) > 0
    assert [e.command for e in estate.world.journal.entries] == ["pause", "resume"]


async def test_luxos_has_one_session_at_a_time(estate):
    machine = estate.machine("luxos")
    first = await logon(estate, machine)

    refused = await estate.rpc(machine, "logon")
    assert (refused["STATUS"][0]["Code"], refused["STATUS"][0]["Msg"]) == (402, "Another session is active")

    await estate.rpc(machine, "logoff", first)
    assert await logon(estate, machine) != first


async def test_a_forgotten_luxos_session_lapses(estate):
    machine = estate.machine("luxos")
    await logon(estate, machine)

    estate.clock.now += 2 * MINUTE

    assert len(await logon(estate, machine)) == 8


async def test_luxos_curtails_only_with_its_session(estate):
    machine = estate.machine("luxos")
    refused = await estate.rpc(machine, "curtail", "00000000,sleep")
    assert refused["STATUS"][0]["STATUS"] == "E"

    session = await logon(estate, machine)
    await estate.rpc(machine, "curtail", f"{session},sleep")
    estate.clock.now += MINUTE / 2

    assert await rate(estate, machine) == 0
    assert (await estate.rpc(machine, "config"))["CONFIG"][0]["CurtailMode"] == "Sleep"
    assert (await estate.rpc(machine, "power"))["POWER"][0]["Watts"] < 100


async def test_luxos_refuses_a_profile_while_atm_is_on(estate):
    machine = estate.machine("luxos")
    session = await logon(estate, machine)
    name = (await estate.rpc(machine, "profiles"))["PROFILES"][2]["Profile Name"]
    await estate.rpc(machine, "atmset", f"{session},enabled=true")
    assert (await estate.rpc(machine, "profileset", f"{session},{name}"))["STATUS"][0]["STATUS"] == "E"

    await estate.rpc(machine, "atmset", f"{session},enabled=false")
    assert (await estate.rpc(machine, "profileset", f"{session},{name}"))["STATUS"][0]["STATUS"] == "S"
    assert (await estate.rpc(machine, "config"))["CONFIG"][0]["Profile"] == name


async def test_avalon_sleeps_at_the_time_it_is_given(estate):
    machine = estate.machine("avalon")

    answer = await estate.rpc(machine, "ascset", f"0,softoff,1:{int(estate.clock.now)}")
    estate.clock.now += MINUTE

    status = answer["STATUS"][0]
    assert (status["STATUS"], status["Code"]) == ("I", 118)
    assert status["Msg"] == "ASC 0 set info: success softoff:1795262400"
    packed = (await estate.rpc(machine, "stats"))["STATS"][0]["MM ID0"]
    assert "Work: In Idle" in packed
    assert "SoftOFF[1]" in packed


def test_md5crypt_agrees_with_the_reference():
    assert md5crypt("password", "xxxxxxxx") == "UYCIxa628.9qXjpQCjM4a."


class Key:
    """A caller's side of Whatsminer's lock."""

    def __init__(self, token: dict) -> None:
        self.key = key_of("admin", token["salt"])
        self.sign = sign_of(self.key, token["time"], token["newsalt"])

    def seal(self, **command: object) -> dict:
        return {"enc": 1, "data": sealed(msgspec.json.encode(command | {"token": self.sign}).decode(), self.key)}

    def open(self, answer: dict) -> dict:
        return msgspec.json.decode(opened(answer["enc"], self.key))


async def key_for(estate, machine) -> Key:
    return Key((await estate.rpc(machine, "get_token"))["Msg"])


async def send(estate, machine, key: Key, **command: object) -> dict:
    data = await estate.bytes_of(machine.address, CGMINER_PORT, msgspec.json.encode(key.seal(**command)))
    return key.open(msgspec.json.decode(data[:-1]))


@pytest.fixture
def whatsminer(estate):
    return next(m for m in estate.machines() if m.language == "whatsminer_v2" and not is_locked(m))


async def test_whatsminer_obeys_what_was_sealed_with_its_token(estate, whatsminer):
    key = await key_for(estate, whatsminer)

    answer = await send(estate, whatsminer, key, cmd="power_off", respbefore="true")
    estate.clock.now += MINUTE

    assert (answer["STATUS"], answer["Code"]) == ("S", 131)
    assert await rate(estate, whatsminer) == 0
    assert (await estate.rpc(whatsminer, "status"))["Msg"]["mineroff"] == "true"
    entry = estate.world.journal.entries[-1]
    assert (entry.command, entry.parameters, entry.code) == ("power_off", '{"respbefore":"true"}', "131")


async def test_a_whatsminer_token_is_good_for_half_an_hour(estate, whatsminer):
    key = await key_for(estate, whatsminer)
    estate.clock.now += 31 * MINUTE

    assert (await send(estate, whatsminer, key, cmd="power_off"))["Code"] == 135
    assert await rate(estate, whatsminer) > 0


async def test_whatsminer_grants_sixteen_tokens_and_no_more(estate, whatsminer):
    codes = [(await estate.rpc(whatsminer, "get_token"))["Code"] for _ in range(17)]

    assert codes == [134] * 16 + [136]


async def test_a_power_limit_is_text_and_stops_whatsminer_for_minutes(estate, whatsminer):
    key = await key_for(estate, whatsminer)
    assert (await send(estate, whatsminer, key, cmd="adjust_power_limit", power_limit=2500))["Code"] == 132
    assert (await send(estate, whatsminer, key, cmd="adjust_power_limit", power_limit="99999"))["Code"] == 132
    assert (await send(estate, whatsminer, key, cmd="adjust_power_limit", power_limit="2500"))["Code"] == 131

    estate.clock.now += MINUTE
    assert await rate(estate, whatsminer) == 0
    estate.clock.now += 10 * MINUTE
    row = (await estate.rpc(whatsminer, "summary"))["SUMMARY"][0]
    assert row["Power"] == pytest.approx(2500, rel=0.03)
    assert row["Power Limit"] == 2500


async def test_a_locked_whatsminer_says_that_it_cannot_be_written(estate):
    locked = next(m for m in estate.machines() if m.language == "whatsminer_v2" and is_locked(m))
    key = await key_for(estate, locked)

    answer = await send(estate, locked, key, cmd="power_off")

    assert (answer["Code"], answer["Msg"]) == (45, "can't access write cmd")


async def test_a_plain_whatsminer_command_is_denied(estate, whatsminer):
    assert (await estate.rpc(whatsminer, "power_off"))["Code"] == 45
    assert await rate(estate, whatsminer) > 0
