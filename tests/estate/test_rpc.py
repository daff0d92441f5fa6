import asyncio

import msgspec
import pytest

from cango_ops.estate.faults import Fault
from cango_ops.estate.layout import CGMINER_PORT

READS = {
    "antminer": ["version", "summary", "stats", "pools", "devs"],
    "braiins": ["version", "summary", "devs", "devdetails", "temps", "fans", "tunerstatus", "tempctrl", "config",
                "pools"],
    "luxos": ["version", "summary", "stats", "devs", "temps", "fans", "power", "profiles", "atm", "config", "events",
              "pools"],
    "whatsminer_v2": ["summary", "edevs", "devs", "devdetails", "pools", "status", "get_psu", "get_version",
                      "get_miner_info", "get_error_code"],
    "avalon": ["version", "summary", "stats", "estats", "devs", "pools"],
}  # fmt: skip
CASES = [(language, command) for language, commands in READS.items() for command in commands]


@pytest.mark.parametrize(("language", "command"), CASES)
async def test_every_answer_is_json_with_a_status_that_says_success(estate, language, command):
    answer = await estate.rpc(estate.machine(language), command)

    status = answer["STATUS"]
    assert (status if isinstance(status, str) else status[0]["STATUS"]) == "S"


async def test_the_local_address_tells_which_machine_was_asked(estate):
    first, second = [m for m in estate.machines() if m.language == "luxos"][:2]

    configs = [(await estate.rpc(m, "config"))["CONFIG"][0] for m in (first, second)]

    assert [c["IPAddr"] for c in configs] == [first.address, second.address]
    assert configs[0]["MACAddr"] != configs[1]["MACAddr"]


async def test_where_no_machine_stands_the_connection_is_reset(estate):
    for address in ("127.11.250.1", "127.0.0.1", "127.200.1.1"):
        with pytest.raises(ConnectionResetError):
            await estate.bytes_of(address, CGMINER_PORT, b'{"command":"summary"}')


async def test_a_question_that_is_not_json_is_answered_in_text(estate):
    data = await estate.bytes_of(estate.machine("antminer").address, CGMINER_PORT, b"summary")

    assert data.startswith(b"STATUS=S,When=1795262400,Code=11,Msg=Summary,Description=cgminer 1.0.0|SUMMARY,Elapsed=")
    assert data.endswith(b"|\0")


async def test_a_request_may_come_in_two_pieces(estate):
    machine = estate.machine("antminer")
    reader, writer = await asyncio.open_connection(machine.address, CGMINER_PORT + estate.estate.shift)
    writer.write(b'{"comm')
    await asyncio.sleep(0.02)
    writer.write(b'and":"version"}')

    data = await asyncio.wait_for(reader.read(-1), 30)
    writer.close()

    assert b'"Type":"' in data


async def test_stock_firmware_joins_nothing(estate):
    answer = await estate.rpc(estate.machine("antminer"), "summary+pools")

    assert (answer["STATUS"][0]["STATUS"], answer["STATUS"][0]["Code"]) == ("E", 14)


async def test_stock_firmware_denies_what_changes_something_and_the_journal_has_it(estate):
    machine = estate.machine("antminer")

    answer = await estate.rpc(machine, "addpool", "stratum+tcp://elsewhere:3333,me,x")

    assert answer["STATUS"][0]["Code"] == 45
    entry = estate.world.journal.entries[-1]
    assert (entry.address, entry.command, entry.code) == (machine.address, "addpool", "45")


@pytest.mark.parametrize("language", ["braiins", "luxos", "avalon", "whatsminer_v2"])
async def test_others_join_with_a_plus(estate, language):
    answer = await estate.rpc(estate.machine(language), "summary+pools")

    assert answer["summary"][0]["STATUS"][0]["Code"] == 11
    assert len(answer["pools"][0]["POOLS"]) == 3


async def test_whatsminer_joins_no_get_commands(estate):
    answer = await estate.rpc(estate.machine("whatsminer_v2"), "summary+get_psu")

    assert answer["STATUS"][0]["Code"] == 14


async def test_invalid_json_has_a_code_of_its_own(estate):
    data = await estate.bytes_of(estate.machine("luxos").address, CGMINER_PORT, b'{"command":}')

    assert msgspec.json.decode(data[:-1])["STATUS"][0]["Code"] == 23


async def test_stock_stats_can_be_had_in_the_new_shape(estate):
    answer = await estate.rpc(estate.machine("antminer"), "stats", new_api=True)

    assert answer["STATS"][0]["rate_unit"] == "GH/s"
    assert len(answer["STATS"][0]["chain"]) == 3


async def test_a_dead_board_has_no_chips(estate):
    machine = estate.machine("antminer", Fault.DEAD_BOARD)

    stats = (await estate.rpc(machine, "stats"))["STATS"][1]

    assert sorted(stats[f"chain_acn{n}"] for n in (1, 2, 3))[0] == 0
    assert stats["miner_count"] == 2


async def test_avalon_packs_its_state_into_one_string(estate):
    machine = estate.machine("avalon")

    packed = (await estate.rpc(machine, "stats"))["STATS"][0]["MM ID0"]

    assert "SYSTEMSTATU[Work: In Work, Hash Board: 3 ]" in packed
    assert f"MPO[{machine.limit_w()}]" in packed


async def test_a_hung_machine_takes_the_connection_and_says_nothing(estate):
    machine = estate.machine("braiins", Fault.HUNG)

    with pytest.raises(TimeoutError):
        await estate.bytes_of(machine.address, CGMINER_PORT, b'{"command":"summary"}', limit_s=0.3)


async def test_a_dripping_machine_has_said_seven_bytes_after_a_moment(estate):
    machine = estate.machine("braiins", Fault.DRIP)
    reader, writer = await asyncio.open_connection(machine.address, CGMINER_PORT + estate.estate.shift)
    writer.write(b'{"command":"summary"}')

    assert await asyncio.wait_for(reader.read(100), 30) == b'{"STATU'
    writer.close()


async def test_a_babbling_machine_does_not_speak_its_language(estate):
    machine = estate.machine("whatsminer_v2", Fault.GARBAGE)

    data = await estate.bytes_of(machine.address, CGMINER_PORT, b'{"command":"summary"}')

    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(data.rstrip(b"\0"))


async def test_questions_are_not_in_the_journal(estate):
    await estate.rpc(estate.machine("luxos"), "summary")

    assert estate.world.journal.entries == []
