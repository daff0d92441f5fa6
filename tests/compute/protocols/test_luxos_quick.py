"""LuxOS by its short way: what both ways read, and what only the long one can."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compute.protocols import cgminer_joined, luxos, luxos_quick
from compute.protocols.luxos import Luxos
from compute.protocols.reading import Board
from tests.compute.protocols.worlds import CAPTURES, Machine, answer, joined, needs_captures

CORNERS = {"TopLeft": 47.0, "TopRight": 34.0, "BottomLeft": 0, "BottomRight": 33.0}
PARTS = {
    "summary": answer("SUMMARY", {"Elapsed": 3453, "GHS 5s": 59756.0}),
    "devs": answer(
        "DEVS",
        {"ASC": 1, "Status": "Alive", "MHS 5s": 20e6, "Nominal MHS": 20.5e6, "Temperature": 40.0},
        {"ASC": 0, "Status": "Alive", "MHS 5s": 19e6, "Nominal MHS": 20.5e6},
    ),
    "power": answer("POWER", {"PSU": False, "Watts": 1051}),
    "fans": answer("FANS", {"ID": 0, "RPM": 1920}, {"ID": 1, "RPM": 0}),
    "temps": answer("TEMPS", {"ID": 0, **CORNERS}),
}


def both(raw: bytes):
    return luxos_quick.read(raw), luxos.read(cgminer_joined.parse_joined(raw))


def test_the_short_way_and_the_long_way_read_the_same():
    quick, long = both(joined(**PARTS))

    assert quick == long
    assert quick.boards == [
        Board(slot=0, hashrate_ths=19.0, temperature_c=47.0),
        Board(slot=1, hashrate_ths=20.0, temperature_c=40.0),
    ]


@needs_captures
def test_both_ways_agree_on_a_recorded_machine():
    folder = CAPTURES / "luxos/s19k-pro-2025.4.8"
    quick, long = both(joined(**{name: (folder / f"{name}.json").read_bytes() for name in PARTS}))

    assert quick == long
    assert quick.hashrate_ths == 59.75606


@pytest.mark.parametrize(
    "changed",
    [
        {"summary": answer("SUMMARY", {"Elapsed": "3453", "GHS 5s": "59756.0"})},
        {"power": answer("POWER", letter="E")},
        {"devs": answer("DEVS")},
        {"fans": answer("FANS", {"ID": 0, "RPM": -5})},
        {"summary": answer("SUMMARY", {"Elapsed": 1, "GHS 5s": 1e30})},
    ],
)
def test_what_is_not_usual_goes_the_long_way(changed):
    assert luxos_quick.read(joined(**PARTS | changed)) is None


def test_a_sweep_takes_the_short_way():
    machine = Machine({"summary+devs+power+fans+temps": joined(**PARTS)})

    reading = machine.talk(Luxos().poll())

    assert (machine.names, reading.power_w, reading.quality) == (["summary+devs+power+fans+temps"], 1051.0, "ok")


numbers = st.none() | st.booleans() | st.integers(-5, 10**12) | st.floats() | st.text(max_size=4)


@given(rate=numbers, watts=numbers, rpm=numbers, warm=numbers, slot=numbers)
def test_where_the_short_way_reads_at_all_it_reads_what_the_long_one_does(rate, watts, rpm, warm, slot):
    parts = PARTS | {
        "summary": answer("SUMMARY", {"Elapsed": 3453, "GHS 5s": rate}),
        "power": answer("POWER", {"PSU": True, "Watts": watts}),
        "fans": answer("FANS", {"RPM": rpm}),
        "temps": answer("TEMPS", {"ID": 0, **CORNERS, "TopLeft": warm}),
        "devs": answer("DEVS", {"ASC": slot, "Status": "Alive", "MHS 5s": rate, "Nominal MHS": 1.0}),
    }
    raw = joined(**parts)
    quick = luxos_quick.read(raw)

    assert quick is None or quick == luxos.read(cgminer_joined.parse_joined(raw))
    assert quick is None or msgspec.json.encode(quick)
