"""Small random cases of schema `switch-case/1` on the grain of `brute.py`, made from a seed."""

from random import Random


def random_case(seed):
    """Features come and go with the seed: a demand charge and a battery never meet, for `brute.best` to be exact."""
    dice = Random(seed)
    units, hours = dice.randint(1, 2), dice.choice([0.25, 1.0])
    steps = dice.randint(3, 6 - units)
    has_battery = dice.random() < 0.45
    prices = [round(dice.uniform(-40, 30) if dice.random() < 0.2 else dice.uniform(5, 180), 1) for _ in range(steps)]
    return {
        "schema": "switch-case/1",
        "id": f"random {seed}",
        "T": steps,
        "dt_h": hours,
        "hashprice_usd_per_ph_day": [round(dice.uniform(35, 75), 2) for _ in range(steps)],
        "pue": 1.0,
        "base_load_mw": dice.choice([0.0, 0.5]),
        "site_limit_mw": dice.choice([2.5, 3.5, 100.0]),
        "grid": grid(dice, steps, hours, prices, has_battery),
        "solar_mw": [dice.choice([0.0, 0.5, 1.5]) for _ in range(steps)] if dice.random() < 0.4 else [0.0] * steps,
        "units": [unit(dice, name, steps) for name in "ab"[:units]],
        "battery": battery(dice) if has_battery else None,
        "dr_events": [event(dice, steps) for _ in range(dice.choice([0, 0, 1, 2]))],
    }


def grid(dice, steps, hours, prices, has_battery):
    block = {"mwh": dice.randint(2, 16) * 0.5 * hours, "price_usd_mwh": round(dice.uniform(10, 60), 1)}
    charge = 0.0 if has_battery or dice.random() < 0.6 else round(dice.uniform(20, 250), 1)
    return {
        "import_limit_mw": dice.choice([2.0, 3.0, 6.0]),
        "export_limit_mw": dice.choice([0.0, 0.0, 1.0, 2.0]),
        "import_price_usd_mwh": prices,
        "export_price_usd_mwh": [round(price - dice.uniform(1, 8), 1) for price in prices],
        "demand_charge_usd_per_mw": charge,
        "peak_so_far_mw": dice.choice([0.0, 0.5, 1.5]) if charge else 0.0,
        "demand_window": [dice.random() < 0.8 for _ in range(steps)],
        "take_or_pay": block if not charge and dice.random() < 0.25 else None,
    }


def unit(dice, name, steps):
    kind = dice.choice(["asic", "asic", "gpu"])
    made, full = ("hash_ph", 60.0) if kind == "asic" else ("nodes", 50)
    modes = [{"name": "off", "power_mw": 0.0, made: 0}]
    if dice.random() < 0.4:
        modes.append({"name": "eco", "power_mw": 1.0, made: round(full * dice.uniform(0.6, 0.75))})
    modes.append({"name": "full", "power_mw": 1.5, made: full})
    facts = {
        "id": name,
        "kind": kind,
        "modes": modes,
        "start_cost_usd": dice.choice([0.0, 10.0, 45.0]),
        "stop_cost_usd": dice.choice([0.0, 0.0, 12.0]),
        "min_up_steps": dice.randint(1, 3),
        "min_down_steps": dice.randint(1, 3),
        "initial_on": dice.random() < 0.5,
        "initial_steps_in_state": dice.randint(1, 4),
    }
    return facts | (ai(dice, steps) if kind == "gpu" else {})


def ai(dice, steps):
    sla = {"min_nodes": [dice.randint(5, 30)] * steps, "penalty_usd_per_node_h": round(dice.uniform(1, 4), 1)}
    return {
        "price_usd_per_node_h": [round(dice.uniform(0.8, 3), 2) for _ in range(steps)],
        "demand_nodes": [dice.randint(10, 60) for _ in range(steps)],
        **({"sla": sla} if dice.random() < 0.5 else {}),
    }


def battery(dice):
    """Multiples of half a MWh; a quarter of that for steps of a quarter hour is taken care of by whole megawatts."""
    return {
        "capacity_mwh": 2.0,
        "soc0_mwh": dice.choice([0.0, 1.0]),
        "soc_end_min_mwh": dice.choice([0.0, 1.0]),
        "p_charge_mw": dice.choice([0.5, 1.0]),
        "p_discharge_mw": dice.choice([0.5, 1.0, 1.5]),
        "eta_charge": 1.0,
        "eta_discharge": 1.0,
        "wear_usd_per_mwh_discharged": dice.choice([0.0, 5.0]),
    }


def event(dice, steps):
    return {
        "t": dice.randrange(steps),
        "baseline_mw": dice.choice([1.0, 2.0, 3.0]),
        "cap_mw": dice.choice([0.5, 1.0, 2.0]),
        "pay_usd_mwh": round(dice.uniform(20, 250), 1),
    }
