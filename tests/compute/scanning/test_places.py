"""The places that a scan tries."""

from ipaddress import ip_network

from hypothesis import given
from hypothesis import strategies as st

from compute.scanning.places import places, stretches, total

ALLOWED = [
    (ip_network("10.0.0.0/30"), ((80, 80), (4000, 4100))),
    (ip_network("10.0.9.9/32"), ((502, 502),)),
    (ip_network("fd00::/127"), ((80, 80),)),
]


def test_every_address_is_tried_at_every_port_of_a_language():
    planned = stretches(ALLOWED, {4028, 80})

    assert total(planned) == 10
    assert list(places(planned, 0)) == [
        ("10.0.0.0", 80), ("10.0.0.1", 80), ("10.0.0.2", 80), ("10.0.0.3", 80),
        ("10.0.0.0", 4028), ("10.0.0.1", 4028), ("10.0.0.2", 4028), ("10.0.0.3", 4028),
        ("fd00::", 80), ("fd00::1", 80),
    ]  # fmt: skip


@given(st.integers(0, 12))
def test_it_goes_on_where_it_stopped(skip):
    planned = stretches(ALLOWED, {4028, 80})
    assert list(places(planned, skip)) == list(places(planned, 0))[skip:]
