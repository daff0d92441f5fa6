"""A container drawn as it stands."""

from compute.telemetry.answers import Cell
from compute.web.slot_map import SHADES, Legend, legend_of, miniature, places


def cell(slot: int, state: str = "ok", **numbers) -> Cell:
    return Cell(
        device_id=slot, slot=slot, kind="asic", address="127.0.0.1", model="Antminer S21", state=state, reason="",
        since=None, observed_at=None, **numbers,
    )  # fmt: skip


def drawn(rows: int, columns: int, cells: list[Cell], shade: str):
    return places(rows, columns, cells, legend_of(SHADES[shade], cells))


def test_places_stand_row_by_row():
    rows = drawn(2, 3, [cell(1), cell(5)], "state")
    assert [[place.slot for place in row] for row in rows] == [[1, 2, 3], [4, 5, 6]]
    assert [place.slot for row in rows for place in row if place.cell] == [1, 5]


def test_an_empty_place_says_so():
    assert drawn(1, 2, [cell(1)], "state")[0][1].name == "Slot 2, empty"


def test_more_machines_than_places_make_more_rows():
    assert len(drawn(1, 2, [cell(5)], "state")) == 3


def test_a_cell_is_read_out_with_slot_state_and_number():
    rows = drawn(1, 1, [cell(1, "warning", chip_temp_c=78.4)], "chip_temp_c")
    assert rows[0][0].name == "Slot 1, warning, 78.4 °C"


def test_a_stale_machine_shows_no_number_as_if_it_were_so_now():
    place = drawn(1, 1, [cell(1, "stale", chip_temp_c=78.4)], "chip_temp_c")[0][0]
    assert (place.text, place.heat, place.classes) == ("–", None, "is-stale")


def test_heat_runs_from_the_coldest_to_the_warmest():
    legend = Legend(SHADES["chip_temp_c"], 10, 70)
    assert [legend.heat(value) for value in (10, 25, 69, 70, None)] == [0, 1, 5, 5, None]


def test_machines_that_are_all_alike_are_in_the_middle():
    assert Legend(SHADES["power_w"], 50, 50).heat(50) == 3


def test_a_legend_names_the_lowest_and_the_highest_that_is_known():
    cells = [cell(1, chip_temp_c=61.0), cell(2), cell(3, chip_temp_c=74.5), cell(4, "stale", chip_temp_c=99.0)]
    legend = legend_of(SHADES["chip_temp_c"], cells)
    assert (legend.low, legend.high) == (61.0, 74.5)


def test_a_number_that_nobody_says_has_no_legend():
    assert legend_of(SHADES["chip_temp_c"], [cell(1)]).low is None


def test_the_small_drawing_has_one_path_a_state_and_one_for_what_stands_empty():
    drawing = miniature(1, 4, [(1, "is-ok"), (2, "is-critical"), (3, "is-ok")], "C1")
    assert drawing.count("<path") == 3
    assert '<path class="is-ok" d="M0 0h5v5h-5zM12 0h5v5h-5z"/>' in drawing
    assert '<path class="is-none" d="M18 0h5v5h-5z"/>' in drawing
