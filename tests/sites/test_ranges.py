"""Which addresses a site's machines may be asked at, and who says so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cango_ops.base.models import AuditEvent
from sites import ranges
from sites.models import AddressRange
from sites.ranges import RangesRefused, parse
from tests.worlds import make_world


@pytest.fixture
def world(db):
    made = make_world()
    AddressRange.objects.all().delete()
    return made


def words(text: str) -> list[str]:
    return [str(one) for one in parse(text)]


def test_ranges_are_read_line_by_line():
    assert words("10.20.0.0/22 4028, 80 9400-9410\n\n  fd12::/120 502\n10.9.9.9 80\n") == [
        "10.20.0.0/22 80 4028 9400-9410", "fd12::/120 502", "10.9.9.9/32 80",
    ]  # fmt: skip
    assert words("") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("10.20.0.0/22", "Line 1: name 1 to 32 ports behind 10.20.0.0/22."),
        (
            "\n10.20.0.1/22 80",
            "Line 2: 10.20.0.1/22 is no range such as 10.20.0.0/22 (10.20.0.1/22 has host bits set).",
        ),
        ("10.0.0.0/8 80", "Line 1: 10.0.0.0/8 is wider than /16."),
        ("fd00::/64 80", "Line 1: fd00::/64 is wider than /112."),
        ("169.254.169.254 80", "Line 1: 169.254.169.254/32 is not for machines: link-local: instance metadata."),
        ("::ffff:10.0.0.1 80", "Line 1: ::ffff:a00:1/128 is not for machines: IPv4 in disguise."),
        ("machines.example 80", "Line 1: machines.example is no range"),
        ("167772161 80", "Line 1: 167772161 is no range"),
        ("0xa.0.0.1 80", "Line 1: 0xa.0.0.1 is no range"),
        ("10.0.0.0/24 0", "Line 1: 0 is no port"),
        ("10.0.0.0/24 65536", "Line 1: 65536 is no port"),
        ("10.0.0.0/24 90-80", "Line 1: 90-80 is no port"),
        ("10.0.0.0/24 http", "Line 1: http is no port"),
        ("10.0.0.0/24 " + "1 " * 33, "Line 1: name 1 to 32 ports"),
        ("10.0.0.0/24 80\n10.0.0.7 4028", "10.0.0.7/32 overlaps another line."),
        ("\n".join(f"10.0.{n}.0/24 80" for n in range(65)), "At most 64 ranges."),
    ],
)
def test_what_is_no_range_is_refused_with_its_line(text, said):
    with pytest.raises(RangesRefused) as refused:
        parse(text)
    assert str(refused.value).startswith(said)


@given(st.text(max_size=200))
def test_any_text_gives_ranges_or_one_error(text):
    try:
        again = parse("\n".join(words(text)))
    except RangesRefused:
        return
    assert list(map(str, again)) == words(text)


def test_a_site_without_ranges_reaches_nowhere(world):
    ranges.replace(world.bo, world.pecos, parse("10.20.0.0/22 80"))

    reaches = ranges.reaches([world.pecos.pk, world.muscat.pk])

    assert reaches[world.pecos.pk].refusal("10.20.0.1", 80) == ""
    assert reaches[world.pecos.pk].refusal("10.20.0.1", 4028)
    assert reaches[world.muscat.pk].refusal("10.20.0.1", 80)


def test_a_change_is_on_record_with_what_stood_before(world):
    assert ranges.replace(world.bo, world.pecos, parse("10.20.0.0/22 80"))
    assert not ranges.replace(world.bo, world.pecos, parse("10.20.0.0/22 80"))
    assert ranges.replace(world.bo, world.pecos, parse("10.20.0.0/24 80"))

    events = AuditEvent.objects.filter(verb="set_ranges").order_by("sequence").values_list("actor", "target", "detail")
    assert list(events) == [
        ("bo@example.com", "site/PECOS", {"before": [], "after": ["10.20.0.0/22 80"]}),
        ("bo@example.com", "site/PECOS", {"before": ["10.20.0.0/22 80"], "after": ["10.20.0.0/24 80"]}),
    ]


def test_ranges_of_two_sites_never_overlap_and_the_other_is_not_named(world):
    ranges.replace(world.bo, world.pecos, parse("10.20.0.0/22 80"))

    with pytest.raises(RangesRefused) as refused:
        ranges.replace(world.bo, world.ghost, parse("10.20.3.7 22"))

    assert str(refused.value) == "10.20.3.7/32 overlaps a range of another site."


def test_a_person_stays_inside_the_networks_of_the_installation(world, settings):
    settings.MACHINE_NETWORKS = ["10.0.0.0/8"]
    for outside in ("127.0.0.1 80", "8.8.8.8 80", "192.168.1.0/24 80"):
        with pytest.raises(RangesRefused, match=r"outside the networks of this installation \(10.0.0.0/8\)"):
            ranges.replace(world.bo, world.pecos, parse(outside))

    ranges.replace("seed_estate", world.pecos, parse("127.11.0.0/16 80"))
    assert ranges.replace(world.bo, world.pecos, parse("127.11.0.0/16 80 4028\n10.1.0.0/24 80"))


def test_of_two_who_change_them_at_once_the_second_looks_again(world):
    seen = ranges.mark(ranges.of_site(world.pecos))
    ranges.replace(world.bo, world.pecos, parse("10.20.0.0/22 80"), seen)

    with pytest.raises(RangesRefused, match="changed the ranges meanwhile"):
        ranges.replace(world.bo, world.pecos, parse("10.30.0.0/22 80"), seen)
