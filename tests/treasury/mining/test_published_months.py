"""The ten months that Cango published with an average operating hashrate, against the network."""

import csv
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from treasury.mining.expected import Network, expected
from treasury.mining.series import Step, Steps, month_bounds

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
MONTHS = ("2025-02", "2025-03", "2025-04", "2025-07", "2025-08", "2025-09", "2025-10", "2025-11", "2025-12", "2026-01")
POOL_FEE = Decimal("0.005")

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not here")


def rows(name):
    with (DATA / name).open() as file:
        return list(csv.DictReader(file))


def instant(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture(scope="module")
def network():
    epochs = [
        Step(datetime.fromisoformat(row["start_time_utc_est"]), Fraction(row["difficulty"]))
        for row in rows("difficulty_epochs.csv")
    ]
    fees = [
        Step(instant(row["date"]), Fraction(row["fees_btc"]) / Fraction(row["blocks"]))
        for row in rows("btc_price_daily.csv")
    ]
    subsidy = Steps([Step(instant("2024-04-20T00:09:27"), Fraction("3.125"))])
    return Network(Steps(epochs), subsidy, Steps(fees))


@pytest.fixture(scope="module")
def published():
    return {(row["month"], row["metric"]): row["value"] for row in rows("ir_monthly.csv") if row["company"] == "Cango"}


@pytest.mark.parametrize("month", MONTHS)
def test_a_published_month_comes_out_within_three_thousandths(month, network, published):
    start_at, end_at = month_bounds(datetime.fromisoformat(f"{month}-01").date(), UTC)
    hashrate = Steps([Step(start_at, Fraction(published[month, "avg_operating_hashrate"]))])

    found = expected(start_at, end_at, hashrate, network, POOL_FEE)

    mined_sat = Fraction(published[month, "btc_mined"]) * 100_000_000
    assert abs(mined_sat / found.sat - 1) < Fraction("0.003")
