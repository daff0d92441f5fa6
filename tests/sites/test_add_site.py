from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from cango_ops.base.models import AuditEvent
from sites.models import Operator, Region, Site

pytestmark = pytest.mark.django_db
MACON = {
    "name": "Macon", "operator": "cango", "region": "north-america", "time_zone": "America/New_York",
    "capacity_mw": "50",
}  # fmt: skip


def add(code: str, **more: str) -> str:
    said = StringIO()
    call_command("add_site", code, *(f"--{k.replace('_', '-')}={v}" for k, v in (MACON | more).items()), stdout=said)
    return said.getvalue()


def test_the_first_site_brings_its_operator_and_region_and_says_what_comes_next():
    assert "/sites/MACON/network/" in add("MACON")

    site = Site.objects.get()
    assert (site.code, site.operator.is_company, site.region.name) == ("MACON", True, "North America")
    assert AuditEvent.objects.filter(target="site/MACON").count() == 1


def test_a_second_operator_is_not_the_company():
    add("MACON")
    add("LUBBOCK", operator="sundown", kind="partner")

    assert not Operator.objects.get(code="sundown").is_company
    assert Region.objects.count() == 1


@pytest.mark.parametrize(
    ("code", "wrong", "words"),
    [("MACON", {}, "stands on the map already"), ("X", {"time_zone": "Mars/Olympus"}, "time_zone"),
     ("A B", {}, "code"), ("X", {"capacity_mw": "-1"}, "capacity")],
)  # fmt: skip
def test_what_cannot_be_is_said_and_leaves_nothing(code, wrong, words):
    add("MACON")

    with pytest.raises(CommandError, match=words):
        add(code, operator="new", region="new", **wrong)

    assert Site.objects.count() == Operator.objects.count() == Region.objects.count() == 1
