"""Instants as people read them."""

from datetime import UTC, datetime, timedelta, timezone

from django.utils.html import strip_tags

from cango_ops.base.clock import worded
from cango_ops.base.templatetags.console import clock


def test_an_instant_of_another_year_names_its_year():
    assert strip_tags(clock({}, datetime(2025, 10, 5, 13, 7, tzinfo=UTC))) == "5 Oct 2025 13:07 UTC"


def test_within_a_sentence_an_instant_is_told_in_utc():
    assert worded(datetime(2025, 11, 4, 15, 0, tzinfo=timezone(timedelta(hours=2)))) == "4 Nov 2025 13:00 UTC"
