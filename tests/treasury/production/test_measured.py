"""Expected coins of measured hours, worked by hand: 10 EH/s at difficulty 1e14 for an hour are 0.2619 BTC and so on."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command

from compute.market import past
from compute.models import DifficultyEpoch, MiningTerms, NetworkReading, RewardDay
from tests.treasury.reports.test_gather import observe
from tests.worlds import make_world
from treasury.models import HashrateLease, ProductionDay
from treasury.production.measured import measure, measure_between

pytestmark = pytest.mark.django_db
DAY = date(2025, 10, 8)
MIDNIGHT = datetime(2025, 10, 8, tzinfo=UTC)
NEXT_NOON = MIDNIGHT + timedelta(hours=36)
EHS = 1_000_000
# 10 EH/s x 86,400 s / (1e14 x 2**32) x 3.125 BTC, in satoshis.
WHOLE_DAY_SAT = 628_642_738


@pytest.fixture
def world():
    DifficultyEpoch.objects.create(number=460, start_at=MIDNIGHT - timedelta(days=3), difficulty=1e14, source="test")
    RewardDay.objects.create(day=DAY, subsidy_sat=312_500_000, fee_sat=0, source="test")
    return make_world()


def made(site):
    return ProductionDay.objects.get(site=site, day=DAY)


def test_a_measured_day(world):
    observe(world.pecos, MIDNIGHT, 24, 12 * EHS, 10 * EHS)

    assert measure(NEXT_NOON) == 1

    row = made(world.pecos)
    assert (row.expected_sat, row.minutes, row.own_ths, row.reason) == (WHOLE_DAY_SAT, 1440, 10 * EHS, "")


def test_the_pool_keeps_its_fee(world):
    MiningTerms.objects.create(site=world.pecos, pool="a pool", fee_share=Decimal("0.005"))
    observe(world.pecos, MIDNIGHT, 24, 12 * EHS, 10 * EHS)
    measure(NEXT_NOON)

    assert made(world.pecos).expected_sat == 625_499_524


def test_an_hour_that_was_not_measured_is_a_gap_and_not_filled(world):
    observe(world.pecos, MIDNIGHT, 6, 12 * EHS, 10 * EHS)
    observe(world.pecos, MIDNIGHT + timedelta(hours=12), 6, 12 * EHS, 10 * EHS)
    measure(NEXT_NOON)

    row = made(world.pecos)
    assert (row.expected_sat, row.minutes) == (314_321_369, 720)


def test_a_retarget_within_an_hour_cuts_it(world):
    """Half an hour at 1e14 and 23.5 hours at twice that: (0.5 + 11.75) / 24 of the day."""
    at = MIDNIGHT + timedelta(minutes=30)
    DifficultyEpoch.objects.create(number=461, start_at=at, difficulty=2e14, source="test")
    observe(world.pecos, MIDNIGHT, 24, 12 * EHS, 10 * EHS)
    measure(NEXT_NOON)

    assert made(world.pecos).expected_sat == 320_869_731


def test_leased_hashrate_mines_for_the_lessee(world):
    """4 of 10 EH/s from noon on: 0.8 of the day remain."""
    HashrateLease.objects.create(
        site=world.pecos, lessee="A lessee", hashrate_ths=4 * EHS, begin_at=MIDNIGHT + timedelta(hours=12)
    )
    observe(world.pecos, MIDNIGHT, 24, 12 * EHS, 10 * EHS)
    measure(NEXT_NOON)

    row = made(world.pecos)
    assert (row.expected_sat, row.leased_ths, row.own_ths) == (502_914_190, 2 * EHS, 8 * EHS)


def test_without_a_reward_or_a_difficulty_nothing_is_invented(world):
    RewardDay.objects.all().delete()
    observe(world.pecos, MIDNIGHT, 24, 12 * EHS, 10 * EHS)
    measure(NEXT_NOON)
    assert (made(world.pecos).expected_sat, made(world.pecos).reason) == (
        None, "what a block of 2025-10-08 was worth is not known",
    )  # fmt: skip

    RewardDay.objects.create(day=DAY, subsidy_sat=312_500_000, fee_sat=0, source="test")
    DifficultyEpoch.objects.all().delete()
    measure_between(DAY, DAY, NEXT_NOON)
    assert made(world.pecos).reason == "the difficulty at 2025-10-08T00:00:00Z is not known"


def test_minutes_that_come_late_make_the_day_again_and_others_stay(world):
    later = NEXT_NOON + timedelta(days=9)
    observe(world.pecos, MIDNIGHT, 12, 12 * EHS, 10 * EHS)
    assert (measure(later), measure(later)) == (1, 0)

    observe(world.pecos, MIDNIGHT + timedelta(hours=12), 12, 12 * EHS, 10 * EHS)

    assert (measure(later), made(world.pecos).expected_sat) == (1, WHOLE_DAY_SAT)


def test_silent_machines_are_no_machines_that_hash_nothing(world):
    observe(world.pecos, MIDNIGHT, 24, 12 * EHS, None)
    measure(NEXT_NOON)

    row = made(world.pecos)
    assert (row.expected_sat, row.own_ths, row.reason) == (None, None, "no machine said its hashrate")


def test_the_reward_of_a_day_is_kept_of_its_readings():
    for hour, reward in ((1, 313_000_000), (23, 315_000_000)):
        NetworkReading.objects.create(
            observed_at=MIDNIGHT + timedelta(hours=hour), source="x", difficulty=1e14, reward_sat=reward,
            price_usd=Decimal(1), hashprice_usd_per_ph_day=1.0,
        )  # fmt: skip

    assert (past.keep_days(NEXT_NOON), past.keep_days(NEXT_NOON)) == (1, 0)

    row = RewardDay.objects.get()
    assert (row.day, row.subsidy_sat, row.fee_sat) == (DAY, 312_500_000, 1_500_000)


def test_difficulty_follows_the_readings_where_no_epoch_is_kept():
    for hour, difficulty in ((1, 1e14), (2, 1e14), (3, 1.1e14)):
        NetworkReading.objects.create(
            observed_at=MIDNIGHT + timedelta(hours=hour), source="x", difficulty=difficulty, reward_sat=1,
            price_usd=Decimal(1), hashprice_usd_per_ph_day=1.0,
        )  # fmt: skip

    found = past.difficulties(MIDNIGHT + timedelta(hours=2), MIDNIGHT + timedelta(days=1))

    assert found == [(MIDNIGHT + timedelta(hours=1), 1e14), (MIDNIGHT + timedelta(hours=3), 1.1e14)]


DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
PUBLISHED = {
    (2025, 2): ("29.7", "472.7"), (2025, 3): ("30.3", "530.1"), (2025, 4): ("29.9", "470.0"),
    (2025, 7): ("40.91", "650.5"), (2025, 8): ("43.74", "663.7"), (2025, 9): ("44.85", "616.6"),
    (2025, 10): ("46.09", "602.6"), (2025, 11): ("44.38", "546.7"), (2025, 12): ("43.36", "569.0"),
    (2026, 1): ("37.02", "496.35"),
}  # fmt: skip


@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not here")
def test_the_ten_published_months_come_out_of_stored_hours_and_a_stored_network(capsys):
    world = make_world()
    call_command("import_network", DATA / "difficulty_epochs.csv", DATA / "btc_price_daily.csv")
    MiningTerms.objects.create(site=world.pecos, pool="a pool", fee_share=Decimal("0.005"))
    off = {}
    for (year, month), (ehs, mined) in PUBLISHED.items():
        first = date(year, month, 1)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        observe(world.pecos, past.midnight(first), 24 * last.day, 50 * EHS, float(ehs) * EHS)
        measure_between(first, last, NEXT_NOON)
        rows = ProductionDay.objects.filter(day__gte=first, day__lte=last)
        off[year, month] = float(Decimal(mined) * 10**8 / sum(row.expected_sat for row in rows)) - 1

    assert {month: round(share, 4) for month, share in off.items() if abs(share) >= 0.003} == {}
