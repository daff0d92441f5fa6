"""Numbers and dates in four languages, as CLDR prints them."""

from datetime import date
from decimal import Decimal

import pytest

from treasury.reports.numbers import long_date, month_name, number, percent, signed


@pytest.mark.parametrize(
    ("language", "told", "share", "day"),
    [
        ("en", "1,234,567.80", "92.18%", "October 31, 2025"),
        ("fr", "1\u202f234\u202f567,80", "92,18\u202f%", "31 octobre 2025"),
        ("it", "1.234.567,80", "92,18%", "31 ottobre 2025"),
        ("zh", "1,234,567.80", "92.18%", "2025年10月31日"),
    ],
)
def test_each_language_has_its_own_digits_and_dates(language, told, share, day):
    assert number(Decimal("1234567.80"), language) == told
    assert percent(Decimal("92.18"), language) == share
    assert long_date(date(2025, 10, 31), language) == day


def test_small_print_of_languages():
    assert number(Decimal("6412.6"), "it") == "6412,6"
    assert long_date(date(2025, 8, 1), "fr") == "1er août 2025"
    assert long_date(date(2025, 8, 1), "it") == "1º agosto 2025"
    assert month_name(date(2025, 10, 1), "zh") == "2025年10月"
    assert signed(Decimal("2.5"), "en") == "+2.5"
    assert number(Decimal("-2.5"), "en") == "\u22122.5"
