"""Where calls may lead, however an address is spelt."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cango_ops.base.switchboard.reach import MOST_JUDGED, NOWHERE, never, place_of, reach_of, reach_to

PORTS = ((80, 80), (4028, 4030))
SITE = reach_of([(ip_network("10.20.0.0/22"), PORTS), (ip_network("fd12::/120"), ((502, 502),))])
ANYWHERE = reach_of([(ip_network(text), ((1, 65535),)) for text in ("0.0.0.0/0", "::/0")])


@pytest.mark.parametrize(
    ("address", "port"),
    [("10.20.0.0", 80), ("10.20.3.255", 4028), ("10.20.1.7", 4030), ("fd12::1", 502), ("fd12:0::00ff", 502)],
)
def test_what_the_site_allows_is_reached(address, port):
    assert SITE.refusal(address, port) == ""


@pytest.mark.parametrize(
    ("address", "port", "why"),
    [
        ("10.20.4.0", 80, "is outside the site's address ranges"),
        ("10.19.255.255", 80, "is outside the site's address ranges"),
        ("fd12::100", 502, "is outside the site's address ranges"),
        ("10.20.0.1", 81, "is not allowed at port 81"),
        ("10.20.0.1", 0, "is not allowed at port 0"),
        ("10.20.0.1", -1, "is not allowed at port -1"),
        ("fd12::1", 80, "is not allowed at port 80"),
    ],
)
def test_what_it_does_not_is_refused_with_the_reason(address, port, why):
    assert SITE.refusal(address, port) == why


@pytest.mark.parametrize(
    "spelt",
    [
        "169.254.169.254", "169.254.170.2", "100.100.100.200", "192.0.0.192", "0.0.0.0", "0.1.2.3", "224.0.0.1",
        "239.255.255.255", "255.255.255.255", "240.0.0.1", "::", "::127.0.0.1", "::a00:1", "::ffff:10.20.0.1",
        "::ffff:169.254.169.254", "::ffff:a14:1", "64:ff9b::a9fe:a9fe", "64:ff9b::10.20.0.1", "2002:a9fe:a9fe::1",
        "2001:0:a9fe::1", "fd00:ec2::254", "FD00:EC2:0:0:0:0:0:254", "fe80::1", "febf::1", "ff02::1",
    ],
)  # fmt: skip
def test_some_places_are_for_no_machine_whatever_is_allowed(spelt):
    assert ANYWHERE.refusal(spelt, 80).startswith("is not for machines: ")


@pytest.mark.parametrize(
    "spelt",
    [
        "168034305", "0x0a140001", "0x0A.0x14.0x00.0x01", "012.024.0.1", "10.20.1", "10.5242881", "10.20.0.01",
        "010.020.000.001", "10.20.0.1.", "10.20.0.1..", ".10.20.0.1", "10.20.0.1 ", " 10.20.0.1", "10.20.0.1\n",
        "10.20.0.1\x00", "10.20.0.1/32", "10.20.0.1:80", "[10.20.0.1]", "[fd12::1]", "fd12::1%eth0", "fd12::1%25eth0",
        "１０.２０.０.１", "10。20。0。1", "①⓪.20.0.1", "10.20.0.1@evil.example", "evil.example", "localhost",
        "localhost.", "10.20.0.1.nip.io", "10-20-0-1.sslip.io", "metadata.google.internal", "xn--10-abc", "", ".", "0",
        "127.1", "127.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "017700000001", "::ffff:0x7f.1", "1.2.3.4.5",
        "256.1.1.1", "-1", "10.20.0.-1", "1e1.20.0.1", "fd12:::1", "fd12::1::", "0:0:0:0:0:0:0:0:1", "<broadcast>",
    ],
)  # fmt: skip
def test_another_spelling_is_no_address(spelt):
    assert ANYWHERE.refusal(spelt, 80) == "is no literal address"


def test_without_ranges_nothing_is_reached():
    assert NOWHERE.refusal("10.20.0.1", 80) == "is outside the site's address ranges"


def test_one_place_alone():
    assert reach_to("10.0.0.5", 8999).refusal("10.0.0.5", 8999) == ""
    assert reach_to("10.0.0.5", 8999).refusal("10.0.0.6", 8999)
    assert reach_to("feed.example", 80) == NOWHERE


@given(st.ip_addresses(v=4))
def test_an_address_is_reached_if_and_only_if_it_is_in_a_range(address):
    inside = address in ip_network("10.20.0.0/22")
    assert (SITE.refusal(str(address), 80) == "") == inside


@given(st.text(max_size=40))
def test_any_text_is_judged_without_an_error(text):
    assert ANYWHERE.refusal(text, 80) or place_of(text)


@given(st.ip_addresses())
def test_whatever_is_never_reached_is_not_global_or_private(address):
    if never(address.max_prefixlen, int(address)) == "":
        assert not any((address.is_multicast, address.is_link_local, address.is_unspecified))


def test_what_was_said_before_is_said_again_and_no_port_speaks_for_another():
    reach = reach_of([(ip_network("10.20.0.0/22"), PORTS)])

    for _ in range(2):
        assert reach.refusal("10.20.0.1", 80) == ""
        assert reach.refusal("10.20.0.1", 81) == "is not allowed at port 81"
        assert reach.refusal("10.20.0.01", 80) == "is no literal address"


def test_the_memory_of_a_scan_through_a_wide_range_is_bounded():
    reach = reach_of([(ip_network("10.0.0.0/8"), PORTS)])

    for number in range(MOST_JUDGED + 10):
        reach.refusal(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", 80)

    assert len(reach.judged) == 10


def test_a_reach_is_its_ranges_whatever_it_remembers():
    one, other = (reach_of([(ip_network("10.20.0.0/22"), PORTS)]) for _ in range(2))
    one.refusal("10.20.0.1", 80)

    assert (one == other, hash(one) == hash(other)) == (True, True)
    assert one != NOWHERE
