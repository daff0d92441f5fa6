import pytest

from compute.switching.words import dollars, power_text


@pytest.mark.parametrize(
    ("mw", "text"),
    [(50.04, "50.0 MW"), (1.0, "1.0 MW"), (0.99999, "1.0 MW"), (0.47, "470 kW"), (0.0034, "3.4 kW"), (6e-5, "60 W"),
     (0.0, "0 kW"), (-0.0104, "−10 kW")],
)  # fmt: skip
def test_power_stands_in_the_unit_in_which_it_is_not_nought(mw, text):
    assert power_text(mw) == text


def test_a_change_of_power_keeps_its_sign():
    assert [power_text(mw, signed=True) for mw in (4.2, 0.0, -4.2)] == ["+4.2 MW", "0 kW", "−4.2 MW"]


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        (4100.4, "$4,100"),
        (25.0, "$25"),
        (9.5, "$9.50"),
        (0.42, "$0.42"),
        (-0.42, "−$0.42"),
        (0.004, "$0"),
        (-12, "−$12"),
    ],
)
def test_few_dollars_are_told_with_their_cents(usd, text):
    assert dollars(usd) == text
