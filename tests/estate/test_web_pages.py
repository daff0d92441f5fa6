import msgspec
import pytest

from cango_ops.estate.dialects.digest import REALM, response
from cango_ops.estate.layout import CGMINER_PORT, WEB_PORT
from cango_ops.estate.machine import Pulse

MINUTE = 60


async def cgi(estate, machine, name: str, body: dict | None = None) -> tuple[int, dict]:
    """A request with Digest sign-in: asked once for the nonce, then signed."""
    path, method = f"/cgi-bin/{name}.cgi", "POST" if body else "GET"
    data = msgspec.json.encode(body) if body else b""
    status, headers, _ = await estate.http(machine.address, WEB_PORT, path, method, data)
    assert status == 401
    nonce = headers["WWW-Authenticate"].split('nonce="')[1].split('"')[0]
    said = {"username": "root", "uri": path, "nonce": nonce, "nc": "00000001", "cnonce": "abc", "qop": "auth"}
    signed = ", ".join(f'{k}="{v}"' for k, v in (said | {"realm": REALM, "response": response(method, said)}).items())
    status, _, answer = await estate.http(
        machine.address, WEB_PORT, path, method, data, Authorization=f"Digest {signed}"
    )
    return status, msgspec.json.decode(answer)


def test_digest_agrees_with_the_formula_of_its_standard():
    said = {"uri": "/dir/index.html", "nonce": "n", "qop": "auth", "nc": "00000001", "cnonce": "c"}

    # md5(md5("root:antMiner Configuration:root") : n : 00000001 : c : auth : md5("GET:/dir/index.html")), by md5sum
    assert response("GET", said) == "d9106acff52a5ae5a559c2e5278c4470"


async def test_antminer_says_who_it_is_after_signing_in(estate):
    machine = estate.machine("antminer")

    status, info = await cgi(estate, machine, "get_system_info")

    assert status == 200
    assert (info["minertype"], info["ipaddress"]) == (machine.plate.model, machine.address)


async def test_antminer_sleeps_by_its_configuration_and_keeps_its_pools(estate):
    machine = estate.machine("antminer")
    _, conf = await cgi(estate, machine, "get_miner_conf")

    _, answer = await cgi(estate, machine, "set_miner_conf", conf | {"miner-mode": 1})
    estate.clock.now += MINUTE

    assert answer == {"stats": "success", "code": "M000", "msg": "OK!"}
    assert Pulse(machine, estate.clock.now).ths == 0
    _, after = await cgi(estate, machine, "get_miner_conf")
    assert (after["bitmain-work-mode"], after["pools"]) == ("1", conf["pools"])
    assert estate.world.journal.entries[-1].command == "set_miner_conf"


async def test_a_configuration_without_pools_loses_them(estate):
    machine = estate.machine("antminer")

    await cgi(estate, machine, "set_miner_conf", {"miner-mode": 0})
    estate.clock.now += MINUTE

    assert (await estate.rpc(machine, "pools"))["POOLS"] == []
    assert Pulse(machine, estate.clock.now).ths == 0


async def test_low_power_draws_a_fifth_less(estate):
    machine = estate.machine("antminer")
    _, conf = await cgi(estate, machine, "get_miner_conf")

    await cgi(estate, machine, "set_miner_conf", conf | {"miner-mode": 3})
    estate.clock.now += 10 * MINUTE

    assert 0.75 < Pulse(machine, estate.clock.now).power_w / machine.plate.watts < 0.85


async def braiins_token(estate, machine) -> str:
    body = b'{"username":"root","password":"root"}'
    _, _, answer = await estate.http(machine.address, WEB_PORT, "/api/v1/auth/login", "POST", body)
    return msgspec.json.decode(answer)["token"]


async def test_braiins_wants_its_token(estate):
    machine = estate.machine("braiins")

    assert (await estate.http(machine.address, WEB_PORT, "/api/v1/actions/pause", "PUT"))[0] == 401
    assert estate.world.journal.entries == []


async def test_braiins_says_whether_it_was_paused_before(estate):
    machine = estate.machine("braiins")
    token = await braiins_token(estate, machine)

    said = [
        (await estate.http(machine.address, WEB_PORT, "/api/v1/actions/pause", "PUT", Authorization=token))[2]
        for _ in range(2)
    ]

    assert said == [b"false", b"true"]


async def test_braiins_holds_its_power_target(estate):
    machine = estate.machine("braiins")
    token, path = await braiins_token(estate, machine), "/api/v1/performance/power-target"

    refused, _, _ = await estate.http(machine.address, WEB_PORT, path, "PUT", b'{"watt":100}', Authorization=token)
    taken, _, _ = await estate.http(machine.address, WEB_PORT, path, "PUT", b'{"watt":2200}', Authorization=token)
    estate.clock.now += 10 * MINUTE

    assert (refused, taken) == (400, 200)
    tuner = (await estate.rpc(machine, "tunerstatus"))["TUNERSTATUS"][0]
    assert tuner["PowerLimit"] == 2200
    assert 2130 < tuner["ApproximateMinerPowerConsumption"] < 2270


async def test_a_reboot_leaves_the_machine_unreachable_for_a_while(estate):
    machine = estate.machine("braiins")
    token = await braiins_token(estate, machine)

    await estate.http(machine.address, WEB_PORT, "/api/v1/actions/reboot", "PUT", Authorization=token)
    estate.clock.now += 10
    with pytest.raises(TimeoutError):
        await estate.bytes_of(machine.address, CGMINER_PORT, b'{"command":"summary"}', limit_s=0.25)

    estate.clock.now += 290
    assert (await estate.rpc(machine, "summary"))["SUMMARY"][0]["Elapsed"] == 300
