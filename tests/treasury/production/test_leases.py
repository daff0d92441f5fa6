"""Leases are begun and ended on record, and the days after are made again."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core.management import CommandError, call_command

from cango_ops.base.models import AuditEvent
from compute.models import DifficultyEpoch, RewardDay
from tests.treasury.production.test_measured import EHS, MIDNIGHT, NEXT_NOON
from tests.treasury.reports.test_gather import observe
from tests.worlds import make_world
from treasury.models import HashrateLease, ProductionDay

pytestmark = pytest.mark.django_db
NOON = "2025-10-08T12:00:00Z"


@pytest.fixture
def pecos():
    DifficultyEpoch.objects.create(number=460, start_at=datetime(2025, 10, 5, tzinfo=UTC), difficulty=1e14, source="t")
    RewardDay.objects.create(day=date(2025, 10, 8), subsidy_sat=312_500_000, fee_sat=0, source="test")
    site = make_world().pecos
    observe(site, MIDNIGHT, 24, 12 * EHS, 10 * EHS)
    with time_machine.travel(NEXT_NOON, tick=False):
        yield site


def expected():
    return ProductionDay.objects.get(day=date(2025, 10, 8)).expected_sat


def test_a_lease_takes_its_hashrate_out_of_what_is_expected(pecos):
    call_command("measure_production", "2025-10-08", "2025-10-08")
    assert expected() == 628_642_738

    call_command("lease_hashrate", "PECOS", "A lessee", "4000000", NOON)
    assert expected() == 502_914_190
    call_command("lease_hashrate", "PECOS", "A lessee", "4000000", "2025-10-08T18:00:00Z", "--end")

    assert expected() == 565_778_464
    assert [event.verb for event in AuditEvent.objects.order_by("sequence")] == ["hashrate leased out", "lease ended"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("NOWHERE", "x", "1", NOON), "no site"),
        (("PECOS", "x", "1", "2025-10-08T12:00:00"), "no offset"),
        (("PECOS", "x", "-1", NOON), "above nothing"),
        (("PECOS", "x", "NaN", NOON), "above nothing"),
        (("PECOS", " ", "1", NOON), "names its lessee"),
        (("PECOS", "x", "one", NOON), "no TH/s"),
        (("PECOS", "x", "1", NOON, "--end"), "no such lease"),
    ],
)
def test_a_lease_that_cannot_be_is_refused(pecos, words, why):
    with pytest.raises(CommandError, match=why):
        call_command("lease_hashrate", *words)

    assert HashrateLease.objects.count() == 0
