"""The rules of `switch-case/1` as an algebraic model for another solver (CBC by way of PuLP).

It knows no grain and enumerates nothing, so that losses, demand charges and batteries may meet in one case.
"""

import pulp


def optimum(case):
    """The highest profit that CBC finds and proves, or None when every plan breaks a rule."""
    model = Model(case)
    for unit in case["units"]:
        model.add_unit(unit)
    if case["battery"]:
        model.add_battery(case["battery"])
    model.add_meter()
    model.add_contracts()
    return model.solved()


class Model:
    def __init__(self, case):
        self.case, self.steps, self.hours = case, range(case["T"]), case["dt_h"]
        self.problem = pulp.LpProblem("site", pulp.LpMaximize)
        self.gains = []
        self.load = [pulp.LpAffineExpression(constant=case["base_load_mw"]) for _ in self.steps]
        self.stored = [pulp.LpAffineExpression() for _ in self.steps]
        self.count = 0

    def column(self, upper=None, cat="Continuous"):
        self.count += 1
        return pulp.LpVariable(f"v{self.count}", 0, upper, cat)

    def columns(self, upper=None, cat="Continuous"):
        return [self.column(upper, cat) for _ in self.steps]

    def rule(self, *rules):
        for rule in rules:
            self.problem += rule

    def add_unit(self, unit):
        modes = [self.columns(cat="Binary") for _ in unit["modes"]]
        on = [pulp.lpSum(mode[t] for mode in modes[1:]) for t in self.steps]
        for t in self.steps:
            self.rule(pulp.lpSum(mode[t] for mode in modes) == 1)
            for mode, facts in zip(modes, unit["modes"], strict=True):
                self.load[t] += mode[t] * facts["power_mw"] * self.case["pue"]
                self.gains.append(mode[t] * self.earned(unit, facts, t))
        self.add_switching(unit, on)

    def earned(self, unit, mode, t):
        if unit["kind"] == "asic":
            return mode["hash_ph"] * self.case["hashprice_usd_per_ph_day"][t] / 24 * self.hours
        usd_per_h = min(mode["nodes"], unit["demand_nodes"][t]) * unit["price_usd_per_node_h"][t]
        if unit["sla"]:
            short = max(0, unit["sla"]["min_nodes"][t] - mode["nodes"])
            usd_per_h -= short * unit["sla"]["penalty_usd_per_node_h"]
        return usd_per_h * self.hours

    def add_switching(self, unit, on):
        was_on = int(unit["initial_on"])
        least = unit["min_up_steps"] if was_on else unit["min_down_steps"]
        starts, stops = self.columns(cat="Binary"), self.columns(cat="Binary")
        for t in self.steps:
            self.rule(on[t] - (on[t - 1] if t else was_on) == starts[t] - stops[t], starts[t] + stops[t] <= 1)
            self.gains.append(-unit["start_cost_usd"] * starts[t] - unit["stop_cost_usd"] * stops[t])
            if t < least - unit["initial_steps_in_state"]:
                self.rule(on[t] == was_on)
            for later in self.steps[t + 1 :]:
                if later < t + unit["min_up_steps"]:
                    self.rule(on[later] >= starts[t])
                if later < t + unit["min_down_steps"]:
                    self.rule(on[later] <= 1 - stops[t])

    def add_battery(self, battery):
        content = battery["soc0_mwh"]
        for t in self.steps:
            charge, discharge = self.either(battery["p_charge_mw"], battery["p_discharge_mw"])
            after = self.column(battery["capacity_mwh"])
            taken = charge * battery["eta_charge"] - discharge * (1 / battery["eta_discharge"])
            self.rule(after == content + taken * self.hours)
            self.gains.append(-battery["wear_usd_per_mwh_discharged"] * self.hours * discharge)
            self.stored[t], content = charge - discharge, after
        self.rule(content >= battery["soc_end_min_mwh"])

    def either(self, one_mw, other_mw):
        """Two flows of which only one is not zero."""
        one, other, way = self.column(one_mw), self.column(other_mw), self.column(cat="Binary")
        self.rule(one <= one_mw * way, other <= other_mw * (1 - way))
        return one, other

    def add_meter(self):
        grid, self.bought = self.case["grid"], []
        for t in self.steps:
            bought, sold = self.either(grid["import_limit_mw"], grid["export_limit_mw"])
            sun = self.column(self.case["solar_mw"][t])
            self.rule(bought - sold + sun == self.load[t] + self.stored[t], self.load[t] <= self.case["site_limit_mw"])
            self.gains.append(-grid["import_price_usd_mwh"][t] * self.hours * bought)
            self.gains.append(grid["export_price_usd_mwh"][t] * self.hours * sold)
            self.bought.append(bought)

    def add_contracts(self):
        grid, block = self.case["grid"], self.case["grid"]["take_or_pay"]
        above = self.column()
        self.gains.append(-grid["demand_charge_usd_per_mw"] * above)
        self.rule(*(above >= self.bought[t] - grid["peak_so_far_mw"] for t in self.steps if grid["demand_window"][t]))
        if block:
            unused = self.column()
            self.rule(unused >= block["mwh"] - self.hours * pulp.lpSum(self.bought))
            self.gains.append(-block["price_usd_mwh"] * unused)
        for event in self.case["dr_events"]:
            bought, most_mw = self.bought[event["t"]], grid["import_limit_mw"]
            paid, takes_part = self.column(event["cap_mw"]), self.column(cat="Binary")
            self.rule(paid <= event["cap_mw"] * takes_part)
            self.rule(paid <= event["baseline_mw"] - bought + most_mw * (1 - takes_part))
            self.gains.append(event["pay_usd_mwh"] * self.hours * paid)

    def solved(self):
        self.problem += pulp.lpSum(self.gains)
        status = self.problem.solve(pulp.PULP_CBC_CMD(msg=False, gapRel=0, gapAbs=1e-7, threads=1))
        assert status in (pulp.LpStatusOptimal, pulp.LpStatusInfeasible), pulp.LpStatus[status]
        return pulp.value(self.problem.objective) or 0.0 if status == pulp.LpStatusOptimal else None
