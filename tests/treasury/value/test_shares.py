from datetime import date
from decimal import Decimal
from fractions import Fraction

from treasury.value.nav import dilution
from treasury.value.shares import Change, Right, RightKind, assumed_diluted, by_class, capital, first_short

D = Decimal
ON = date(2026, 1, 1)
OPTIONS = Right("options", RightKind.OPTION, ON, number=100, strike_usd=D("1.00"))
UNITS = Right("units", RightKind.RSU, ON, number=30)
NOTE = Right("note", RightKind.CONVERTIBLE, ON, principal_usd=D(400), conversion_price_usd=D(2))


def test_shares_of_a_day_by_class_and_classes_that_ended_are_left_out():
    changes = [
        Change(date(2026, 2, 1), "A", 40), Change(ON, "B", 10), Change(ON, "A", 100),
        Change(date(2026, 2, 1), "B", -10),
    ]  # fmt: skip

    assert by_class(changes, date(2025, 12, 31)) == {}
    assert by_class(changes, date(2026, 1, 31)) == {"A": 100, "B": 10}
    assert by_class(changes, date(2026, 2, 1)) == {"A": 140}


def test_a_class_never_falls_below_none_at_any_day():
    back = Change(date(2025, 12, 1), "A", -1)

    assert first_short([Change(ON, "A", 5), back]) == back
    assert first_short([Change(ON, "A", 5), Change(date(2026, 1, 2), "A", -5)]) is None


def test_each_right_dilutes_by_its_own_method():
    assert OPTIONS.dilutes(D("1.25")) == 20  # 100 x (1 - 1 / 1.25)
    assert OPTIONS.dilutes(D("1.00")) == 0
    assert UNITS.dilutes(D("0.01")) == 30
    assert (NOTE.dilutes(D("2.01")), NOTE.dilutes(D(2))) == (200, 0)
    assert NOTE.dilutes(None) is None


def test_what_each_right_adds_is_the_dilution_of_the_nav():
    rights, price = [OPTIONS, UNITS, NOTE], D("2.50")

    added = sum(right.dilutes(price) or Fraction(0) for right in rights)

    assert dilution(capital(1000, rights, price)).shares == 1000 + added == 1290  # 60 + 30 + 200


def test_the_yield_assumes_that_all_of_it_becomes_shares():
    assert assumed_diluted(1000, [OPTIONS, UNITS, NOTE]) == 1330


def test_a_right_stands_up_to_its_end():
    right = Right("w", RightKind.WARRANT, ON, until_on=date(2026, 3, 1), number=1)

    assert [right.stands(day) for day in (date(2025, 12, 31), ON, date(2026, 2, 28), date(2026, 3, 1))] == [
        False, True, True, False,
    ]  # fmt: skip
