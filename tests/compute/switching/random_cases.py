"""Small random cases of schema `switch-case/1` on the grains of `brute.py`, made from a seed."""

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


def nasty_case(seed):
    """The edges of the schema: PUE, losses, spikes, hours worth nothing, modes that earn nothing, states that hold
    everything, limits that nothing can keep, three units, one step, several events in a step, half an hour a step."""
    dice = Random(f"nasty {seed}")
    case = random_case(seed)
    units = dice.choice([1, 1, 2, 2, 3])
    steps = dice.randint(1, 6 - units) if units < 3 else 3
    hours, kind = dice.choice([0.25, 0.5, 1.0]), dice.choice(TARIFFS)
    loss = dice.choice(LOSSES) if case["battery"] else None
    prices = [tariff(dice, kind, step) for step in range(steps)]
    case |= {
        "id": f"nasty {seed}",
        "T": steps,
        "dt_h": hours,
        "hashprice_usd_per_ph_day": [dice.choice([0.0, 30.0, 48.0, 48.0, 71.3]) for _ in range(steps)],
        "pue": 1.0 if loss and loss != (1.0, 1.0) else dice.choice([1.0, 1.5]),
        "base_load_mw": dice.choice([0.0, 0.5, 1.0]),
        "site_limit_mw": dice.choice([0.5, 2.0, 3.5, 100.0]),
        "grid": grid(dice, steps, hours, prices, bool(loss)),
        "solar_mw": [dice.choice([0.0, 0.5, 3.0]) for _ in range(steps)],
        "units": [nasty_unit(dice, name, steps) for name in "abc"[:units]],
        "battery": battery(dice) | {"eta_charge": loss[0], "eta_discharge": loss[1]} if loss else None,
        "dr_events": [event(dice, steps) for _ in range(dice.choice([0, 1, 3]))],
    }
    if loss and loss != (1.0, 1.0):
        # With losses and a block the best flows may lie between the grains.
        case["grid"]["take_or_pay"] = None
    return case


TARIFFS = ("fixed", "spike", "flap", "negative", "nothing", "random")
LOSSES = ((1.0, 1.0), (0.5, 1.0), (1.0, 0.5))


def tariff(dice, kind, step):
    return {
        "fixed": 45.0,
        "spike": 9000.0 if step == 1 else 30.0,
        "flap": 20.0 if step % 2 else 160.0,
        "negative": round(dice.uniform(-120, 5), 1),
        "nothing": 0.0,
        "random": round(dice.uniform(5, 180), 1),
    }[kind]


def nasty_unit(dice, name, steps):
    """As `unit`, with a third mode that may earn nothing, longer minimum times and a state that has just begun."""
    facts = unit(dice, name, steps)
    made = "hash_ph" if facts["kind"] == "asic" else "nodes"
    if dice.random() < 0.3:
        facts["modes"].append({"name": "turbo", "power_mw": 2.0, made: dice.choice([0, 62])})
    facts |= {"min_up_steps": dice.randint(0, 5), "min_down_steps": dice.randint(0, 5)}
    facts |= {"initial_steps_in_state": dice.randint(0, 3), "stop_cost_usd": dice.choice([0.0, 0.0, 200.0])}
    if facts.get("sla"):
        facts["sla"]["min_nodes"] = [dice.choice([0, 20, 60]) for _ in range(steps)]
    return facts


def features(case):
    """What of the schema a case exercises, in the words of its README."""
    grid, units = case["grid"], case["units"]
    prices = grid["import_price_usd_mwh"]
    found = {
        "battery": case["battery"],
        "losses": case["battery"] and case["battery"]["eta_charge"] * case["battery"]["eta_discharge"] < 1,
        "wear": case["battery"] and case["battery"]["wear_usd_per_mwh_discharged"],
        "content at the end": case["battery"] and case["battery"]["soc_end_min_mwh"],
        "solar": any(case["solar_mw"]),
        "export": grid["export_limit_mw"],
        "demand charge": grid["demand_charge_usd_per_mw"],
        "peak so far": grid["peak_so_far_mw"],
        "demand window": grid["demand_charge_usd_per_mw"] and not all(grid["demand_window"]),
        "take or pay": grid["take_or_pay"],
        "demand response": case["dr_events"],
        "two events in a step": len({event["t"] for event in case["dr_events"]}) < len(case["dr_events"]),
        "negative price": min(prices) < 0,
        "spike": max(prices) > 5000,
        "site limit": case["site_limit_mw"] < 100,
        "base load": case["base_load_mw"],
        "pue": case["pue"] > 1,
        "gpu": any(unit["kind"] == "gpu" for unit in units),
        "sla": any(unit.get("sla") for unit in units),
        "start cost": any(unit["start_cost_usd"] for unit in units),
        "stop cost": any(unit["stop_cost_usd"] for unit in units),
        "minimum up": any(unit["min_up_steps"] > 1 for unit in units),
        "minimum down": any(unit["min_down_steps"] > 1 for unit in units),
        "held by the past": any(unit["initial_steps_in_state"] < unit["min_up_steps"] for unit in units),
        "power modes": any(len(unit["modes"]) > 2 for unit in units),
        "three units": len(units) == 3,
        "one step": case["T"] == 1,
        "quarter hours": case["dt_h"] == 0.25,
    }
    return {name for name, there in found.items() if there}


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
