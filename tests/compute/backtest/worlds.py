"""The year of the west-2024 case, and other hubs and years of real prices on the same site."""

import csv
import functools
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

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


def random_year(seed, steps=60):
    """A small site of that seed with all that the schema has, and prices that are high, low, negative and missing."""
    dice = Random(seed)
    site, clock = small_site(), datetime(2025, dice.choice([3, 11]), dice.choice([1, 8]), tzinfo=UTC)
    site["grid"] |= {"export_limit_mw": dice.choice([0, 2]), "export_discount_usd_mwh": 3.0}
    site["grid"] |= {"coincident_peak_charge_usd_per_mw": dice.choice([0, 5000])}
    site["site_limit_mw"] = dice.choice([1.5, 2.5, 10.0])
    for unit in site["units"]:
        unit |= {"start_cost_usd": dice.choice([0, 20]), "stop_cost_usd": dice.choice([0, 5])}
        unit |= {"min_up_steps": dice.randint(0, 4), "min_down_steps": dice.randint(0, 4)}
    site["units"][0]["modes"].append({"power_mw": 0.6, "hash_ph": 70})
    site["units"][1]["sla"] = dice.choice([None, {"min_nodes": 40, "penalty_usd_per_node_h": 8}])
    site["initial_on"] = {"asic": dice.choice([0, 1]), "gpu": dice.choice([0, 0.5])}
    if dice.random() < 0.7:
        site["battery"] = {
            "capacity_mwh": 2, "soc0_mwh": dice.choice([0, 1, 2]), "p_charge_mw": 1, "p_discharge_mw": 1.5,
            "eta_charge": 0.9, "eta_discharge": 0.95, "wear_usd_per_mwh_discharged": 5,
        }  # fmt: skip
    rows = []
    for step in range(steps):
        day_ahead = round(dice.uniform(-50, 60) if dice.random() < 0.1 else dice.uniform(10, 120), 2)
        price = dice.choice([day_ahead, day_ahead, day_ahead, 5000.0, -200.0, ""])
        at = clock + timedelta(hours=step + (step > 20) * 30)
        peak = int(step % 24 == 17)
        rows.append(f"{at:%Y-%m-%dT%H:%M},{day_ahead},{price},{dice.choice(['', 48.5])},50,{peak},{peak * 0.4}")
    rows[0] = f"{clock:%Y-%m-%dT%H:%M},30,30,48.5,50,0,0"
    head = SMALL_HEAD + ",coincident_peak,coincident_peak_probability"
    return history_of(read_site(json.dumps(site).encode()), small_series(*rows, head=head))


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


SMALL_HEAD = "hour_start_local,day_ahead_usd_mwh,real_time_usd_mwh,hashprice_usd_per_ph_day,demand"


def small_series(*rows, head=SMALL_HEAD):
    return "\n".join([head, *rows])
