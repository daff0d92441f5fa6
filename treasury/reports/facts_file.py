"""Facts of other months and companies out of a CSV file: company, month, metric, value and where it stood.

metric is a code of the catalogue, or what lists of investor relations call it (METRICS). A value may have words behind
its number; one without a number is not published, and the words say why. Of a fact told twice the last one counts.
"""

import csv
import io
import re
from decimal import Decimal
from typing import Final

from cango_ops.wire import Garbled
from treasury.money import places_of
from treasury.reports import months
from treasury.reports.catalogue import BY_CODE
from treasury.reports.figures import Cell, Facts, known, missing

SUM: Final = "power_credits_usd"
METRICS: Final = {
    "btc_mined": "btc_produced", "btc_avg_daily": "btc_per_day", "btc_held_total": "btc_held",
    "btc_sale_net_proceeds": "sale_proceeds_usd", "avg_net_price_sold": "sale_price_usd",
    "deployed_hashrate": "deployed_end_ehs", "month_end_hashrate": "deployed_end_ehs",
    "avg_operating_hashrate": "operating_avg_ehs", "energized_hashrate": "energized_ehs",
    "cost_per_btc_cash": "cash_cost_per_btc_usd", "cost_per_btc_all_in": "all_in_cost_per_btc_usd",
    "all_in_power_cost": "power_cost_usd_per_kwh", "total_power_credits": "power_credits_usd", "ai_arr": "ai_arr_usd",
    "power_credits": SUM, "demand_response_credits": SUM,
    "fleet_efficiency": "fleet_j_per_th", "gpu_utilisation": "gpu_utilisation_pct", "uptime": "uptime_pct",
}  # fmt: skip
# What a unit is called besides, and what of it makes one of ours.
UNITS: Final = {
    "": Decimal(1), "BTC/day": Decimal(1), "USD/BTC": Decimal(1), "pct": Decimal(1), "PH/s": Decimal("0.001"),
    "USD million": Decimal(10**6), "USD_M": Decimal(10**6),
}  # fmt: skip
# Metrics that together are one figure.
PARTS: Final = ("power_credits", "demand_response_credits")
NEEDED: Final = ("company", "month", "value")
LIMIT_BYTES: Final = 4 << 20
NUMBER: Final = re.compile(r"([-\u2212]?\d[\d,]*(?:\.\d+)?)\s*(.*)", re.DOTALL)


def read(data: bytes, company: str) -> dict[str, Facts]:
    """By month. Raises Garbled, with the line, where it cannot be read, and where it has nothing of the company."""
    if len(data) > LIMIT_BYTES:
        raise Garbled(f"larger than {LIMIT_BYTES >> 20} MiB")
    try:
        rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as why:
        raise Garbled(f"is no CSV in UTF-8: {why}") from why
    found: dict[str, dict[str, Cell]] = {}
    for line, row in enumerate(rows, 2):
        code = code_of(row, line)
        if code is not None and row["company"] == company:
            metric = row.get("metric") or code
            found.setdefault(row["month"], {})[metric if metric in PARTS else code] = cell_of(code, row, line)
    if not found:
        others = ", ".join(sorted({row["company"] or "" for row in rows if "company" in row}))
        raise Garbled(f"there is nothing of {company}, only of: {others or 'nobody'}")
    return {month: whole(facts) for month, facts in found.items()}


def code_of(row: dict[str, str], line: int) -> str | None:
    """None for a metric that no report holds. Raises Garbled."""
    if any(row.get(name) is None for name in NEEDED) or None in row:
        raise Garbled(f"line {line}: columns are company, month, metric (or code), value, and source")
    if not months.MONTH.fullmatch(row["month"]):
        return None
    metric = row.get("code") or row.get("metric") or ""
    code = METRICS.get(metric, metric)
    return code if code in BY_CODE else None


def whole(facts: dict[str, Cell]) -> dict[str, Cell]:
    """With the sum of parts that were told one by one, where a part has a value."""
    parts = [facts.pop(name) for name in PARTS if name in facts]
    values = [one.value for one in parts if one.value is not None]
    if not values:
        return facts
    note = f"the sum of {' and '.join(f'{value:,f}' for value in values)}" if len(values) > 1 else ""
    lineage = tuple(dict.fromkeys(step for one in parts for step in one.lineage))
    facts[SUM] = Cell(sum(values, Decimal(0)), max(one.places for one in parts), note=note, lineage=lineage)
    return facts


def cell_of(code: str, row: dict[str, str], line: int) -> Cell:
    told, source = row["value"].strip(), [row.get("source") or f"line {line} of the file"]
    note = (row.get("note") or "").strip()
    found = NUMBER.fullmatch(told)
    if found is None:
        why = note or (told if told.lower() not in ("", "unknown", "n/a", "-") else "")
        return missing(f"not published ({why})" if why else "not published", source)
    unit = (row.get("unit") or "").strip()
    if unit != BY_CODE[code].unit and unit not in UNITS:
        raise Garbled(f"line {line}: {code} is in {BY_CODE[code].unit}, not in {unit}")
    value = Decimal(found[1].replace(",", "").replace("\u2212", "-")) * UNITS.get(unit, Decimal(1))
    words = "; ".join(part for part in (found[2].strip(" ()"), note) if part)
    return known(code, value, source, places=places_of(value), note=words)
