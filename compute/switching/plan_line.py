"""A plan as one line of JSON: what `manage.py plan` prints for a file. Power in MW, money in dollars."""

from typing import Any

import msgspec

from compute.switching.case import BadCase, read_case
from compute.switching.inputs import Floats, Site
from compute.switching.plan import Plan, mode_indexes
from compute.switching.planning import Planned, plan_site
from compute.switching.reprice import Priced
from compute.switching.solve import Effort

DIGITS = 9


def plan_text(text: bytes, effort: Effort) -> dict[str, Any]:
    """Plans a case. A bad one gives status "error" and words; one that no plan can keep gives "infeasible"."""
    try:
        site = read_case(text)
    except BadCase as why:
        return error_line(str(why))
    return line_of(site, plan_site(site, effort))


def error_line(words: str) -> dict[str, Any]:
    return {"status": "error", "words": words}


def line_of(site: Site, planned: Planned) -> dict[str, Any]:
    line: dict[str, Any] = {"status": planned.outcome.value, "profit_usd": None, "gap_usd": planned.gap_usd}
    if planned.words:
        line["words"] = planned.words
    if planned.plan is None or planned.priced is None or planned.source is None:
        return line
    line["profit_usd"] = planned.priced.profit_usd
    return line | {"source": planned.source.value} | schedule(site, planned.plan, planned.priced)


def schedule(site: Site, plan: Plan, priced: Priced) -> dict[str, Any]:
    return {
        "modes": {unit.id: mode_indexes(plan, unit) for unit in site.units},
        "import_mw": numbers(priced.import_mw),
        "export_mw": numbers(priced.export_mw),
        "load_mw": numbers(priced.load_mw),
        "charge_mw": numbers(plan.charge_mw),
        "discharge_mw": numbers(plan.discharge_mw),
        "soc_mwh": numbers(priced.soc_mwh),
        "solar_used_mw": numbers(plan.solar_used_mw),
    }


def numbers(values: Floats) -> list[float]:
    """Without the solver's dust: a milliwatt is no decision."""
    return [round(value, DIGITS) + 0.0 for value in values.tolist()]


def as_json(line: dict[str, Any]) -> str:
    return msgspec.json.encode(line).decode()
