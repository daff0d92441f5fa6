"""Recorded answers in whatever files people bring them."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cango_ops.wire import Garbled
from compute.protocols import leftovers
from compute.protocols.recordings import parts_of, recorded, unwrapped
from compute.protocols.replay import decode
from tests.compute.protocols.worlds import answer, joined

HEAD = {"Type": "Antminer S21", "Miner": "49.0.1.3"}
ROW = {"Elapsed": 900, "GHS 5s": 203007.01, "fan_num": 1, "fan1": 6000, "chain_acn1": 108, "chain_rate1": "203007.01"}
STATS = answer("STATS", HEAD, ROW)
POOLS = answer("POOLS", {"URL": "stratum+tcp://pool.example:3333", "User": "me.1", "Stratum Active": True})
SUMMARY = answer("SUMMARY", {"Elapsed": 900, "MHS 5s": 95e6, "MHS av": 94e6})


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("stats", "stats"),
        ("Stats.JSON", "stats"),
        ("stats.json.txt", "stats"),
        ("cgi-bin/stats.cgi", "stats"),
        ("rpc/stats.log", "rpc_stats"),
        ("web/cgi-bin/get_system_info.cgi.html", "web_get_system_info"),
        ("api/v1/info.json", "info"),
        ("get.device.info.json", "get_device_info"),
        ("get.miner.status summary.txt", "get_miner_status_summary"),
        ("web_perf-summary.json", "web_perf-summary"),
        ("linux__h200__590.48.01.metrics.txt", "linux__h200__590.48.01.metrics"),
    ],
)
def test_a_file_is_named_after_the_question_it_answers(tmp_path, file, name):
    place = tmp_path / file
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"x")

    assert list(recorded(tmp_path)) == [name]


def test_what_is_no_answer_is_left_out(tmp_path):
    for name in ("README.md", "manifest.json", ".DS_Store", "screen.png", "EXPECTED.json"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "stats.json").write_bytes(STATS)

    assert list(recorded(tmp_path)) == ["stats"]


@pytest.mark.parametrize(
    "wrapped",
    [
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + STATS,
        len(STATS).to_bytes(4, "little") + STATS,
        b"statsCallback(" + STATS + b");",
    ],
)
def test_what_carried_an_answer_is_taken_off(wrapped):
    assert unwrapped(wrapped) == STATS


def test_a_file_that_a_windows_shell_wrote_is_read(tmp_path):
    (tmp_path / "stats.txt").write_bytes(b"\xff\xfe" + STATS.decode().encode("utf-16-le"))

    _, reading = decode(tmp_path)

    assert (reading.model, reading.hashrate_ths) == ("Antminer S21", 203.00701)


def test_reports_that_were_joined_are_parted(tmp_path):
    (tmp_path / "pools+stats.json").write_bytes(joined(stats=STATS, pools=POOLS))

    _, reading = decode(tmp_path)

    assert (reading.hashrate_ths, [pool.user for pool in reading.pools]) == (203.00701, ["me.1"])


def test_a_dump_of_all_answers_in_one_object_is_parted(tmp_path):
    whole = {"rpc_stats": json.loads(STATS), "rpc_pools": json.loads(POOLS), "web_get_system_info": {"serinum": "SN7"}}
    (tmp_path / "everything.json").write_text(json.dumps(whole))

    _, reading = decode(tmp_path / "everything.json")

    assert (reading.model, reading.serial, len(reading.pools)) == ("Antminer S21", "SN7", 1)


ASKED = b'\n$ echo \'{"command":"pools"}\' | nc 10.0.0.9 4028\n'


@pytest.mark.parametrize("between", [b"\x00\n", b"\n--- pools ---\n", ASKED])
def test_a_log_of_several_answers_is_parted(tmp_path, between):
    (tmp_path / "console.log").write_bytes(b"root@pc:~# nc\n" + STATS + between + POOLS)

    _, reading = decode(tmp_path / "console.log")

    assert (reading.model, len(reading.pools)) == ("Antminer S21", 1)


def test_answers_of_a_whatsminer_are_told_apart_by_what_they_say():
    info = b'{"STATUS":"S","Code":131,"Msg":{"ip":"10.0.0.9","mac":"C4:11:04:01:3C:75","netmask":"255.0.0.0"}}'
    status = b'{"STATUS":"S","Code":131,"Msg":{"mineroff":"true"}}'

    assert list(parts_of(info + b"\n" + status)) == ["get_miner_info", "status"]


def test_plain_replies_are_parted(tmp_path):
    (tmp_path / "nc.txt").write_bytes(
        b"STATUS=S,When=1,Code=11|SUMMARY,Elapsed=90,MHS 5s=50.0,MHS av=50.0|\x00"
        b"STATUS=S,When=1,Code=7|POOL=0,URL=stratum+tcp://a:1,User=me.2|\x00"
    )

    _, reading = decode(tmp_path / "nc.txt")

    assert (reading.hashrate_ths, reading.pools[0].user) == (0.00005, "me.2")


def test_a_truncated_answer_at_the_end_of_a_log_is_kept():
    assert list(parts_of(STATS + b"\n" + POOLS[:-9])) == ["stats", "pools"]


def test_metrics_are_no_answers_to_part():
    assert parts_of(b'# HELP a b\na{gpu="0",UUID="GPU-1"} 1\n') == {}


def test_a_machine_of_no_known_language_is_read_by_names_that_leave_nothing_to_guess(tmp_path):
    (tmp_path / "overview.json").write_text(
        json.dumps(
            {
                "data": {"model": "Hashbox 9", "fw_version": "2.1", "macAddress": "00:BF:B1:67:B5:D6\n", "sn": "Z1"},
                "stats": {"hashrate": 95.5, "hashrate_unit": "TH/s", "power": "3100 W", "uptime_seconds": 60},
                "pools": [{"url": "stratum+tcp://a:1", "worker": "me.3", "active": True}],
            }
        )
    )

    _, reading = decode(tmp_path)

    assert (reading.model, reading.firmware, reading.serial) == ("Hashbox 9", "2.1", "Z1")
    assert (reading.hashrate_ths, reading.power_w, reading.uptime_s) == (95.5, 3100.0, 60)
    assert (reading.mac, reading.pools[0].user) == ("00:BF:B1:67:B5:D6", "me.3")
    assert (reading.state, reading.quality) == ("mining", "unknown model")


def test_what_could_mean_anything_is_not_read(tmp_path):
    board = {"model": "board", "MHS av": 5e6, "watts": 900}
    whole = {"hashrate": 2992548.7, "power": 3100, "name": "x", "boards": [board, board]}
    whole |= {"lan": {"mac": "00:00:00:00:00:01"}, "wlan": {"mac": "00:00:00:00:00:02"}}
    (tmp_path / "status.json").write_text(json.dumps(whole))

    _, reading = decode(tmp_path)

    assert (reading.model, reading.hashrate_ths, reading.power_w, reading.mac) == (None, None, None, None)
    assert reading.state == "unknown"


def test_a_mac_address_is_taken_from_an_answer_that_no_question_asks_for(tmp_path):
    (tmp_path / "stats.json").write_bytes(STATS)
    (tmp_path / "web_info_v1.json").write_text('{"network":{"mac":"12:34:56:78:90:12"}}')

    _, reading = decode(tmp_path)

    assert (reading.model, reading.mac) == ("Antminer S21", "12:34:56:78:90:12")


def test_a_page_of_html_beside_the_answers_does_no_harm(tmp_path):
    (tmp_path / "stats.json").write_bytes(STATS)
    (tmp_path / "get_system_info.cgi").write_bytes(b"<html><head>{}</head><body>401 Unauthorized</body></html>")

    _, reading = decode(tmp_path)

    assert (reading.hashrate_ths, reading.mac) == (203.00701, None)
    assert "get_system_info: neither JSON nor a cgminer text reply" in reading.notes


WORDS = [STATS, POOLS, b'{"command":"stats"}', b"STATUS=S,Code=11|SUMMARY,Elapsed=1|", b"{", b"}", b"[", b'"', b"\x00"]
ODD = [b"\xff\xfe", b"1e400", b"-Infinity", b"9" * 400, b'{"a":1,"a":2}', b"HTTP/1.1 200 OK\r\n\r\n", b"call(", b")"]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.sampled_from([*WORDS, *ODD]), st.binary(max_size=30)), max_size=12).map(b"".join))
def test_whatever_a_file_holds_is_parted_and_read_without_a_crash(raw):
    parts = parts_of(unwrapped(raw))

    leftovers.added(None, {"file": raw, **parts})
    assert all(isinstance(name, str) and isinstance(part, bytes) for name, part in parts.items())


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=12),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from(["model", "hashrate", "unit", "mac", "watts", "url", "user", "x"]), inner)
        ),
        max_leaves=20,
    )
)
def test_no_object_makes_an_unknown_machine_impossible(value):
    reading = leftovers.added(None, {"file": json.dumps(value).encode()})

    if reading is not None:
        assert reading.hashrate_ths is None or 0 <= reading.hashrate_ths <= 20_000
        assert reading.power_w is None or 0 <= reading.power_w <= 200_000
        assert reading.quality in ("partial", "unknown model")


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"a":"' + b"x" * 300_000,
        b'{"a":1}' * 30_000,
        b'"' * 200_000,
        b"{}" * 100_000,
    ],
)
def test_hostile_files_are_bounded_work(tmp_path, raw):
    (tmp_path / "file.log").write_bytes(raw)

    with pytest.raises(Garbled):
        decode(tmp_path / "file.log", "cgminer")


def test_a_folder_too_large_is_read_only_so_far(tmp_path):
    for number in range(40):
        (tmp_path / f"part{number:02}.bin").write_bytes(b"x" * (1 << 20))

    assert sum(map(len, recorded(tmp_path).values())) <= 17 << 20
