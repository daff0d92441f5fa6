"""Random cases of schema `switch-case/1` with any numbers: for a judge that needs no grain."""

from random import Random

TARIFFS = ("fixed", "time of use", "spike", "flap", "random", "negative", "nothing", "wild")


def wide_case(seed):
    """Up to three units over three to nine steps; every contract may meet every other and a battery that loses."""
    dice = Random(f"wide {seed}")
    steps, hours, kind = dice.randint(3, 9), dice.choice([0.25, 0.5, 1.0]), dice.choice(TARIFFS)
    prices = [tariff(dice, kind, step) for step in range(steps)]
    return {
        "schema": "switch-case/1",
        "id": f"wide {seed}",
        "T": steps,
        "dt_h": hours,
        "hashprice_usd_per_ph_day": [amount(dice, 20, 80) for _ in range(steps)],
        "pue": dice.choice([1.0, 1.05, 1.25]),
        "base_load_mw": dice.choice([0.0, 0.3, 1.0]),
        "site_limit_mw": dice.choice([100.0, 100.0, 5.0, amount(dice, 2, 9)]),
        "grid": grid(dice, steps, hours, prices),
        "solar_mw": [dice.choice([0.0, amount(dice, 0, 4)]) for _ in range(steps)],
        "units": [unit(dice, f"unit {at}", steps) for at in range(dice.randint(0, 3))],
        "battery": battery(dice) if dice.random() < 0.7 else None,
        "dr_events": [event(dice, steps) for _ in range(dice.choice([0, 0, 1, 2, 4]))],
    }


def amount(dice, least, most):
    return round(dice.uniform(least, most), 2)


def tariff(dice, kind, step):
    return {
        "fixed": 47.3,
        "time of use": 30.0 if step % 6 < 3 else 95.5,
        "spike": 4999.0 if step == 2 else 28.1,
        "flap": 12.5 if step % 2 else 155.0,
        "random": amount(dice, 5, 160),
        "negative": amount(dice, -80, 40),
        "nothing": 0.0,
        "wild": amount(dice, -500, 1000),
    }[kind]


def grid(dice, steps, hours, prices):
    """What is sold may bring less than what is bought costs, as much, or more."""
    more = dice.choice([-4.5, -4.5, 0.0, 25.0])
    block = {"mwh": amount(dice, 0, 6 * steps * hours), "price_usd_mwh": amount(dice, 0, 140)}
    return {
        "import_limit_mw": dice.choice([100.0, 6.0, 40.0, amount(dice, 2, 9)]),
        "export_limit_mw": dice.choice([0.0, 0.0, 2.0, 100.0]),
        "import_price_usd_mwh": prices,
        "export_price_usd_mwh": [price + more for price in prices],
        "demand_charge_usd_per_mw": dice.choice([0.0, amount(dice, 5, 900)]),
        "peak_so_far_mw": dice.choice([0.0, amount(dice, 0, 6)]),
        "demand_window": [dice.random() < 0.7 for _ in range(steps)],
        "take_or_pay": block if dice.random() < 0.3 else None,
    }


def unit(dice, name, steps):
    kind, full_mw = dice.choice(["asic", "asic", "gpu"]), amount(dice, 0.5, 5)
    made, least, most = ("hash_ph", 30, 62) if kind == "asic" else ("nodes", 5, 40)
    shares = sorted(dice.sample([0.5, 0.6, 0.75, 0.9, 1.0], dice.randint(1, 3)))
    modes = [{"name": "off", "power_mw": 0.0, made: 0}]
    modes += [
        {"name": f"{share:.0%}", "power_mw": full_mw * share, made: round(full_mw * share * dice.uniform(least, most))}
        for share in shares
    ]
    times = {name: dice.choice([0, 1, 1, 2, 3, steps, steps + 5]) for name in ("min_up_steps", "min_down_steps")}
    facts = {
        "id": name,
        "kind": kind,
        "modes": modes,
        "start_cost_usd": dice.choice([0.0, 25.0, amount(dice, 0, 400)]),
        "stop_cost_usd": dice.choice([0.0, 0.0, amount(dice, 0, 90)]),
        "initial_on": dice.random() < 0.5,
        "initial_steps_in_state": dice.choice([0, 1, 2, 5, 100]),
        "sla": None,
    }
    return facts | times | (ai(dice, steps) if kind == "gpu" else {})


def ai(dice, steps):
    owed = {"min_nodes": [dice.choice([0, 40.5, 70]) for _ in range(steps)], "penalty_usd_per_node_h": 12.0}
    return {
        "price_usd_per_node_h": [amount(dice, 0, 3.2) for _ in range(steps)],
        "demand_nodes": [dice.choice([0, dice.randint(0, 140)]) for _ in range(steps)],
        "sla": owed if dice.random() < 0.5 else None,
    }


def battery(dice):
    capacity = dice.choice([0.0, 4.0, 8.0, amount(dice, 0.5, 12)])
    return {
        "capacity_mwh": capacity,
        "soc0_mwh": capacity * dice.choice([0.0, 0.5, 1.0]),
        "soc_end_min_mwh": capacity * dice.choice([0.0, 0.0, 0.5, 1.0]),
        "p_charge_mw": dice.choice([0.0, 2.0, amount(dice, 0.2, 5)]),
        "p_discharge_mw": dice.choice([0.0, 2.5, amount(dice, 0.2, 5)]),
        "eta_charge": dice.choice([1.0, 0.95, 0.9, 0.5, 0.01]),
        "eta_discharge": dice.choice([1.0, 0.95, 0.9, 0.6]),
        "wear_usd_per_mwh_discharged": dice.choice([0.0, 5.0, 30.0]),
    }


def event(dice, steps):
    return {
        "t": dice.randrange(steps),
        "baseline_mw": amount(dice, 0, 8),
        "cap_mw": amount(dice, 0, 5),
        "pay_usd_mwh": amount(dice, 0, 400),
    }
