"""Energy out of counters."""

from sites.meters.counters import consumed_wh


def test_energy_is_the_difference_of_the_readings() -> None:
    assert consumed_wh([1_000.0, 1_500.0, 4_000.0]) == 3_000.0


def test_gap_is_bridged_by_the_counter_itself() -> None:
    assert consumed_wh([1_000.0, None, None, 4_000.0]) == 3_000.0


def test_counter_of_32_bits_wraps() -> None:
    assert consumed_wh([4_294_967_000.0, 704.0]) == 1_000.0  # 296 up to 2**32, then 704


def test_counter_of_kilowatt_hours_wraps_at_a_row_of_nines() -> None:
    assert consumed_wh([999_999_000.0, 2_000.0]) == 3_000.0


def test_counter_that_was_put_back_counts_what_came_since() -> None:
    assert consumed_wh([5_000_000.0, 200.0, 700.0]) == 700.0


def test_one_reading_is_no_energy() -> None:
    assert consumed_wh([None, 7.0]) == 0.0


def test_counter_of_nine_digits_of_kilowatt_hours_wraps() -> None:
    assert consumed_wh([999_999_999_000.0, 5_000.0]) == 6_000.0  # a SATEC's


def test_counter_put_back_twice_never_counts_backwards() -> None:
    assert consumed_wh([900.0, 100.0, 400.0, 50.0, 60.0]) == 100.0 + 300.0 + 50.0 + 10.0


def test_counter_a_little_lower_than_before_was_not_put_back() -> None:
    assert consumed_wh([5_000_000.0, 4_999_990.0, 5_000_010.0]) == 20.0  # rounded once, or read out of turn


def test_another_meter_in_its_place_tells_nothing_of_what_was_drawn() -> None:
    assert consumed_wh([5_000_000.0, 3_000_000.0, 3_000_500.0]) == 500.0
