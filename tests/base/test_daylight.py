"""Day and night at places whose sunrise the almanacs give."""

from datetime import UTC, datetime

import pytest

from cango_ops.base.daylight import is_day

MUSCAT = (23.6, 58.5)
GEORGIA = (32.8, -83.6)


@pytest.mark.parametrize(
    ("place", "moment", "up"),
    [
        (MUSCAT, datetime(2026, 3, 20, 8, 0, tzinfo=UTC), True),  # noon in Muscat
        (MUSCAT, datetime(2026, 3, 20, 1, 30, tzinfo=UTC), False),  # sunrise is 02:13 UTC
        (MUSCAT, datetime(2026, 3, 20, 2, 40, tzinfo=UTC), True),
        (GEORGIA, datetime(2026, 6, 21, 0, 20, tzinfo=UTC), True),  # sunset is 00:46 UTC
        (GEORGIA, datetime(2026, 6, 21, 1, 10, tzinfo=UTC), False),
        ((69.6, 18.9), datetime(2026, 12, 21, 11, 0, tzinfo=UTC), False),  # polar night
    ],
)
def test_the_sun_is_up_where_the_almanac_says(place, moment, up):
    assert is_day(*place, moment) is up
