"""The rules of `switch-case/1` once more, in plain Python and without a solver: prices a plan, and tries every plan.

`best` is exact where all powers are multiples of half a megawatt and the battery loses nothing or half of what goes in,
or half of what comes out: then some best plan has all its flows on the case's grain. What is left after choosing modes,
directions and the peak is a network flow, with losses one whose gains are 1 and 2: half the grain holds its corners.
"""

from itertools import product

EPSILON = 1e-6


def grain_mw(case):
    """A quarter where losses or the PUE make quarters of a megawatt, else a half."""
    battery = case.get("battery") or {"eta_charge": 1, "eta_discharge": 1}
    is_plain = battery["eta_charge"] == battery["eta_discharge"] == 1 and case["pue"] == 1
    return 0.5 if is_plain else 0.25


def evaluate(case, line):
    """(profit, rules broken) of a plan in the shape that `manage.py plan` prints."""
    broken = [name for name, fault in faults(case, line) if fault]
    return profit(case, line), broken


def faults(case, line):
    grid, hours, battery = case["grid"], case["dt_h"], case.get("battery")
    soc = battery["soc0_mwh"] if battery else 0.0
    for unit in case["units"]:
        yield f"minimum times of {unit['id']}", not keeps_minimum_times(unit, line["modes"][unit["id"]])
    for t in range(case["T"]):
        bought, sold, sun = line["import_mw"][t], line["export_mw"][t], line["solar_used_mw"][t]
        charge, discharge = line["charge_mw"][t], line["discharge_mw"][t]
        load = load_at(case, line, t)
        yield f"balance {t}", abs(bought - sold + sun + discharge - charge - load) > EPSILON
        yield f"load {t}", abs(load - line["load_mw"][t]) > EPSILON or load > case["site_limit_mw"] + EPSILON
        yield f"import {t}", not -EPSILON <= bought <= grid["import_limit_mw"] + EPSILON
        yield f"export {t}", not -EPSILON <= sold <= grid["export_limit_mw"] + EPSILON
        yield f"solar {t}", not -EPSILON <= sun <= case["solar_mw"][t] + EPSILON
        yield f"both ways {t}", min(charge, discharge) > EPSILON
        if not battery:
            yield f"no battery {t}", bool(charge or discharge)
            continue
        soc += battery["eta_charge"] * charge * hours - discharge * hours / battery["eta_discharge"]
        yield f"charge {t}", not -EPSILON <= charge <= battery["p_charge_mw"] + EPSILON
        yield f"discharge {t}", not -EPSILON <= discharge <= battery["p_discharge_mw"] + EPSILON
        yield f"soc {t}", not -EPSILON <= soc <= battery["capacity_mwh"] + EPSILON
        yield f"soc told {t}", abs(soc - line["soc_mwh"][t]) > EPSILON
    if battery:
        yield "soc at the end", soc < battery["soc_end_min_mwh"] - EPSILON


def load_at(case, line, t):
    units = sum(unit["modes"][line["modes"][unit["id"]][t]]["power_mw"] for unit in case["units"])
    return case["base_load_mw"] + units * case["pue"]


def profit(case, line):
    grid, hours, battery = case["grid"], case["dt_h"], case.get("battery")
    total = sum(unit_usd(case, unit, line["modes"][unit["id"]]) for unit in case["units"])
    for t in range(case["T"]):
        total -= line["import_mw"][t] * grid["import_price_usd_mwh"][t] * hours
        total += line["export_mw"][t] * grid["export_price_usd_mwh"][t] * hours
        if battery:
            total -= line["discharge_mw"][t] * hours * battery["wear_usd_per_mwh_discharged"]
    for event in case["dr_events"]:
        total += response_usd(event, line["import_mw"][event["t"]], hours)
    counted = [mw for mw, counts in zip(line["import_mw"], grid["demand_window"], strict=True) if counts]
    total -= grid["demand_charge_usd_per_mw"] * max(0.0, max(counted, default=0.0) - grid["peak_so_far_mw"])
    block = grid["take_or_pay"]
    if block:
        total -= block["price_usd_mwh"] * max(0.0, block["mwh"] - sum(line["import_mw"]) * hours)
    return total


def response_usd(event, bought, hours):
    return event["pay_usd_mwh"] * hours * min(event["cap_mw"], max(0.0, event["baseline_mw"] - bought))


def unit_usd(case, unit, modes):
    """Revenue less SLA, starts and stops of one unit."""
    total, was_on = 0.0, unit["initial_on"]
    for t, index in enumerate(modes):
        total += revenue_usd(case, unit, unit["modes"][index], t)
        total -= unit["start_cost_usd"] * (index > 0 and not was_on) + unit["stop_cost_usd"] * (was_on and index == 0)
        was_on = index > 0
    return total


def revenue_usd(case, unit, mode, t):
    if unit["kind"] == "asic":
        return mode["hash_ph"] * case["hashprice_usd_per_ph_day"][t] / 24 * case["dt_h"]
    earned = min(mode["nodes"], unit["demand_nodes"][t]) * unit["price_usd_per_node_h"][t]
    if unit.get("sla"):
        earned -= max(0, unit["sla"]["min_nodes"][t] - mode["nodes"]) * unit["sla"]["penalty_usd_per_node_h"]
    return earned * case["dt_h"]


def keeps_minimum_times(unit, modes):
    """A state may only be left once it has lasted; the first run began before the horizon."""
    is_on, lasted = unit["initial_on"], unit["initial_steps_in_state"]
    for index in modes:
        if (index > 0) == is_on:
            lasted += 1
            continue
        if lasted < (unit["min_up_steps"] if is_on else unit["min_down_steps"]):
            return False
        is_on, lasted = index > 0, 1
    return True


def best(case):
    """The highest profit of any plan, or None when every plan breaks a rule."""
    found = [
        profit for loads, earned in load_curves(case).items() if (profit := best_flows(case, loads, earned)) is not None
    ]
    return max(found, default=None)


def load_curves(case):
    """Every load curve within the site limit, in grains, with the most that units can earn on it."""
    curves = {}
    for choice in product(*(schedules(case, unit) for unit in case["units"])):
        loads = tuple(grains(case, case["base_load_mw"]) + sum(load[t] for _, load in choice) for t in range(case["T"]))
        if max(loads, default=0) <= case["site_limit_mw"] / grain_mw(case) + EPSILON:
            curves[loads] = max(curves.get(loads, float("-inf")), sum(earned for earned, _ in choice))
    return curves


def schedules(case, unit):
    """(dollars, load curve) of every sequence of modes that keeps the minimum times; the dearest of each curve."""
    found = {}
    for modes in product(range(len(unit["modes"])), repeat=case["T"]):
        if keeps_minimum_times(unit, modes):
            load = tuple(grains(case, unit["modes"][index]["power_mw"] * case["pue"]) for index in modes)
            found[load] = max(found.get(load, float("-inf")), unit_usd(case, unit, modes))
    return [(earned, load) for load, earned in found.items()]


def grains(case, mw):
    count = round(mw / grain_mw(case))
    assert abs(count * grain_mw(case) - mw) < EPSILON, f"{mw} MW is not on the grain"
    return count


def best_flows(case, loads, earned):
    """Tries every peak; for each, every way of battery and solar, by the battery's content and the energy taken."""
    grid = case["grid"]
    highest = grains(case, grid["import_limit_mw"])
    peaks = range(highest + 1) if grid["demand_charge_usd_per_mw"] else [highest]
    found = []
    for peak in peaks:
        above = max(0.0, peak * grain_mw(case) - grid["peak_so_far_mw"])
        money = under_peak(case, loads, peak)
        if money is not None:
            found.append(earned + money - grid["demand_charge_usd_per_mw"] * above)
    return max(found, default=None)


def under_peak(case, loads, peak):
    battery = case.get("battery")
    states = {(grains(case, battery["soc0_mwh"] / case["dt_h"]) if battery else 0, 0): 0.0}
    for t, load in enumerate(loads):
        after = {}
        for (soc, taken), money in states.items():
            for change, bought, gain in flows(case, t, load, soc, peak):
                key = soc + change, taken + bought if case["grid"]["take_or_pay"] else 0
                after[key] = max(after.get(key, float("-inf")), money + gain)
        states = after
    return max(
        (money - unused_usd(case, taken) for (soc, taken), money in states.items() if full(case, soc)), default=None
    )


def unused_usd(case, taken):
    block = case["grid"]["take_or_pay"]
    return block["price_usd_mwh"] * max(0.0, block["mwh"] - taken * grain_mw(case) * case["dt_h"]) if block else 0.0


def full(case, soc):
    battery = case.get("battery")
    return not battery or soc * grain_mw(case) * case["dt_h"] >= battery["soc_end_min_mwh"] - EPSILON


def flows(case, t, load, soc, peak):
    """(change of the battery's content, import, dollars) of everything that can be done in a step, in grains."""
    grid, hours, grain, battery = case["grid"], case["dt_h"], grain_mw(case), case.get("battery")
    limit = peak if grid["demand_window"][t] else grains(case, grid["import_limit_mw"])
    for change, drawn in changes(case, soc):
        for sun in range(grains(case, case["solar_mw"][t]) + 1):
            net = load + drawn - sun
            if not -grains(case, grid["export_limit_mw"]) <= net <= limit:
                continue
            bought, sold = max(net, 0) * grain, max(-net, 0) * grain
            gain = (sold * grid["export_price_usd_mwh"][t] - bought * grid["import_price_usd_mwh"][t]) * hours
            gain += sum(response_usd(event, bought, hours) for event in case["dr_events"] if event["t"] == t)
            if drawn < 0:
                gain += drawn * grain * hours * battery["wear_usd_per_mwh_discharged"]
            yield change, max(net, 0), gain


def changes(case, soc):
    """(change of content, power drawn at the grid's side) that the battery can do in a step, in grains."""
    battery = case.get("battery")
    if not battery:
        return [(0, 0)]
    lost_in, lost_out = round(1 / battery["eta_charge"]), round(1 / battery["eta_discharge"])
    assert (lost_in, lost_out) in {(1, 1), (2, 1), (1, 2)}
    room = grains(case, battery["capacity_mwh"] / case["dt_h"]) - soc
    most_in = min(room, grains(case, battery["p_charge_mw"]) // lost_in)
    most_out = min(soc // lost_out, grains(case, battery["p_discharge_mw"]))
    given = [(-out * lost_out, -out) for out in range(most_out, 0, -1)]
    return given + [(kept, kept * lost_in) for kept in range(most_in + 1)]
