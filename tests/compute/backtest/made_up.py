"""Years that nobody has seen: prices by a few rules of chance, on the ASICs and the battery of west-2024."""

import json
import math
from datetime import UTC, datetime, timedelta
from random import Random

from compute.backtest.site_file import history_of, read_site
from tests.compute.backtest.worlds import CASE

HEAD = "hour_start_local,day_ahead_usd_mwh,real_time_usd_mwh,hashprice_usd_per_ph_day,coincident_peak,"
HEAD += "coincident_peak_probability"
# On which the oldest tier just breaks even at 48 USD/PH/day.
STRIKE = 60.6
VARIANTS = ("plain", "no battery", "large battery", "minimum times")


def made_up(kind, seed=1, steps=240, variant="plain"):
    dice, gap, run = Random(seed), 0.0, 0
    rows = [HEAD]
    for step in range(steps):
        hour = step % 24
        usual = 35 + 10 * math.sin((hour - 9) / 24 * 2 * math.pi)
        gap, run = 0.95 * gap + dice.gauss(0, 15), max(0, run - 1)
        if kind == "runs of spikes" and not run and dice.random() < 0.01:
            run = dice.randint(2, 6)
        ahead, paid = PRICES[kind](dice, step, usual, gap, run)
        hashprice = {"dear hash": 140, "cheap hash": 18}.get(kind, 48)
        at = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=step)
        rows.append(
            f"{at:%Y-%m-%dT%H:%M},{ahead:.3f},{paid:.3f},{hashprice},0,{0.02 * (kind == 'peaks' and hour == 17)}"
        )
    return history_of(read_site(json.dumps(site(variant)).encode()), "\n".join(rows))


PRICES = {
    "flat": lambda dice, step, usual, gap, run: (40, 40),
    "spikes": lambda dice, step, usual, gap, run: (usual, usual + (dice.random() < 0.02) * dice.uniform(300, 4000)),
    "runs of spikes": lambda dice, step, usual, gap, run: (usual, usual + (run > 0) * dice.uniform(200, 2000)),
    "dear hash": lambda dice, step, usual, gap, run: (usual, usual + (dice.random() < 0.03) * dice.uniform(100, 600)),
    "cheap hash": lambda dice, step, usual, gap, run: (usual, usual + dice.gauss(0, 10)),
    "negative": lambda dice, step, usual, gap, run: (dice.gauss(0, 25), dice.gauss(0, 35)),
    "duck": lambda dice, step, usual, gap, run: (duck(step % 24), duck(step % 24) + dice.gauss(0, 8)),
    "flapping": lambda dice, step, usual, gap, run: (STRIKE, STRIKE + dice.choice([-15, 15])),
    "day ahead too dear": lambda dice, step, usual, gap, run: (usual + 85, usual + dice.gauss(0, 5)),
    "day ahead too cheap": lambda dice, step, usual, gap, run: (usual - 10, usual + 35 + dice.gauss(0, 10)),
    "day ahead upside down": lambda dice, step, usual, gap, run: (5 * usual - 125, 225 - 5 * usual),
    "wandering": lambda dice, step, usual, gap, run: (usual, usual + gap),
    "peaks": lambda dice, step, usual, gap, run: (usual, usual + dice.gauss(0, 5)),
}


def duck(hour):
    sun = math.sin((hour - 6) / 12 * math.pi) if 6 < hour < 18 else 0.0
    return 45 - 70 * sun + 60 * (18 <= hour < 21)


def site(variant):
    raw = json.loads((CASE / "west-2024.json").read_text())
    raw["units"] = [unit for unit in raw["units"] if unit["kind"] == "asic"]
    raw["initial_on"] = {unit["id"]: unit["count"] for unit in raw["units"]}
    if variant == "no battery":
        raw["battery"] = None
    if variant == "large battery":
        raw["battery"] |= {"capacity_mwh": 120.0, "soc0_mwh": 60.0, "p_charge_mw": 30.0, "p_discharge_mw": 30.0}
        raw["grid"]["export_limit_mw"] = 50.0
    if variant == "minimum times":
        for unit in raw["units"]:
            unit |= {"min_up_steps": 4, "min_down_steps": 3, "start_cost_usd": 20.0, "stop_cost_usd": 5.0}
    return raw
