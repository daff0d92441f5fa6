"""The year of the west-2024 case, and other hubs and years of real prices on the same site."""

import csv
import functools
from pathlib import Path

import pytest

from compute.backtest.site_file import history_of, read_site

CASE = Path(__file__).parents[2] / "cases" / "backtest"
DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"no market prices at {DATA}")
AI = ("committed_demand_nodes", "spot_demand_nodes", "spot_price_usd_per_node_h")
HEAD = ("hour_start_local", "day_ahead_usd_mwh", "real_time_usd_mwh", "hashprice_usd_per_ph_day", *AI)


@functools.cache
def west_2024():
    return history_of(read_site((CASE / "west-2024.json").read_bytes()), (CASE / "west-2024.csv").read_text())


def hub(file, clock, day_ahead, real_time):
    """The same site at another hub: real prices and hashprice, the AI columns of west-2024 over and over."""
    lines = [",".join(HEAD)]
    with (CASE / "west-2024.csv").open() as known:
        ai = [[row[name] for name in AI] for row in csv.DictReader(known)]
    days = hashprices()
    with (DATA / file).open() as prices:
        for at, row in enumerate(csv.DictReader(prices)):
            if row[day_ahead] and row[real_time]:
                head = [row[clock], row[day_ahead], row[real_time], days[row[clock][:10]]]
                lines.append(",".join(head + ai[at % len(ai)]))
    return history_of(read_site((CASE / "west-2024.json").read_bytes()), "\n".join(lines))


@functools.cache
def hashprices():
    with (DATA / "btc_daily_price_hashrate_fees_hashprice.csv").open() as days:
        return {row["date"]: row["hashprice_usd_per_ph_day"] for row in csv.DictReader(days)}


def small_site(**changes):
    """Two ASICs of 1 MW and 100 PH/s, a GPU module of 1 MW and 100 nodes, all on."""
    off_and = [None]
    asic = {"id": "asic", "kind": "asic", "count": 2, "pue": 1.0, "modes": [*off_and, {"power_mw": 1, "hash_ph": 100}]}
    gpu = {"id": "gpu", "kind": "gpu", "count": 1, "pue": 1.0, "modes": [*off_and, {"power_mw": 1, "nodes": 100}]}
    gpu |= {"price_usd_per_node_h": 2.0, "demand": "demand"}
    site = {
        "schema": "backtest-site/1",
        "series": "small.csv",
        "step_h": 1.0,
        "horizon_h": 4,
        "site_limit_mw": 10.0,
        "grid": {"import_limit_mw": 10.0, "import_adder_usd_mwh": 5.0},
        "units": [asic, gpu],
        "initial_on": {"asic": 2, "gpu": 1},
    }
    return site | changes


def small_series(*rows, head="hour_start_local,day_ahead_usd_mwh,real_time_usd_mwh,hashprice_usd_per_ph_day,demand"):
    return "\n".join([head, *rows])
