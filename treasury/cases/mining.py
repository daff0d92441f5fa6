"""Cases of kinds "cost", "expected", "uptime" and "report"."""

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cango_ops.wire import Garbled
from treasury.cases import read
from treasury.cases.read import Fields
from treasury.mining.cost import Cost, Items, NoSuchItem, Production
from treasury.mining.cost import cost as cost_of
from treasury.mining.expected import Expected, Network, NotCovered, Segment
from treasury.mining.expected import expected as expected_of
from treasury.mining.restated import Month, Payout, months_of
from treasury.mining.series import Interval, Step, Steps
from treasury.mining.uptime import Fleet
from treasury.mining.uptime import uptime as uptime_of
from treasury.money import half_up, ratio

FOREVER = datetime.max.replace(tzinfo=UTC)


def cost(case: Fields) -> dict[str, Any]:
    items = Items(
        costs=amounts(case, "costs"),
        credits=amounts(case, "credits"),
        cash=case.get("cash_items") or [],
        all_in_extra=case.get("all_in_extra_items") or [],
    )
    made = Production(
        btc_mined_sat=read.sat(case, "btc_mined_sat"),
        days=read.number(case, "days"),
        hashrate_ehs=read.maybe(case, "avg_operating_hashrate_ehs"),
        revenue_usd=read.maybe(case, "revenue_usd"),
        kwh=read.maybe(case, "kwh"),
    )
    try:
        return cost_fields(cost_of(items, made))
    except NoSuchItem as why:
        raise Garbled(str(why)) from why


def amounts(case: Fields, name: str) -> dict[str, Decimal]:
    value = case.get(name) or {}
    if isinstance(value, Mapping):
        return {item: read.decimal(amount, item) for item, amount in value.items()}
    return {name: read.decimal(value, name)}


def cost_fields(found: Cost) -> dict[str, Any]:
    return {
        "cash_cost_usd": found.cash_usd,
        "all_in_cost_usd": found.all_in_usd,
        "cash_cost_per_btc_usd": found.cash_per_btc_usd,
        "all_in_cost_per_btc_usd": found.all_in_per_btc_usd,
        "power_cost_per_kwh_usd": found.power_per_kwh_usd,
        "hashcost_usd_per_ph_day": found.hashcost_usd_per_ph_day,
        "hashprice_usd_per_ph_day": found.hashprice_usd_per_ph_day,
        "fleet_efficiency_j_per_th": found.efficiency_j_per_th,
    }


def expected(case: Fields) -> dict[str, Any]:
    network = Network(steps_of(case, "difficulty"), steps_of(case, "subsidy"), steps_of(case, "fee_per_block"))
    start_at, end_at = span_of(case)
    leased = read.first(case, "leased_hashrate", "leased_out", "leased")
    try:
        found = expected_of(
            start_at, end_at, steps_of(case, "hashrate"), network, read.number(case, "pool_fee", Decimal(0)),
            steps_of({"leased": leased}, "leased"),
        )  # fmt: skip
    except NotCovered as why:
        raise Garbled(str(why)) from why
    return {
        "expected_sat": found.sat,
        "segments": [segment_fields(segment) for segment in found.segments],
    } | against(case, found)


def span_of(case: Fields) -> tuple[datetime, datetime]:
    start_at, end_at = read.instant(case, "from"), read.instant(case, "to")
    if end_at < start_at:
        raise Garbled("to is before from")
    return start_at, end_at


def steps_of(case: Fields, name: str) -> Steps:
    return Steps(read.each(case, name, step_of))


def step_of(row: Fields) -> Step:
    return Step(read.instant(row, "from"), Fraction(read.number(row, "value")))


def segment_fields(segment: Segment) -> dict[str, Any]:
    return {
        "from": f"{segment.start_at:%Y-%m-%dT%H:%M:%S}Z",
        "seconds": int(segment.seconds),
        "expected_blocks": half_up(segment.blocks, 8),
        "btc": half_up(segment.btc, 8),
    }


def against(case: Fields, found: Expected) -> dict[str, Any]:
    """What was reported, beside it; the tolerance itself is within."""
    reported = None if case.get("reported_sat") is None else read.sat(case, "reported_sat")
    tolerance = read.maybe(case, "tolerance")
    within = None
    if reported is not None and tolerance is not None and found.sat:
        within = abs(Fraction(reported, found.sat) - 1) <= Fraction(tolerance)
    return {
        "ratio_reported_to_expected": None if reported is None else ratio(reported, found.sat, 6),
        "shortfall_sat": None if reported is None else found.sat - reported,
        "within_tolerance": within,
    }


def zone_of(case: Fields) -> ZoneInfo:
    name = read.text(case, "reporting_tz")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Garbled(f"reporting_tz is {name[:40]!r}, not a time zone such as Europe/London") from error


def month_named(name: Any) -> date:
    try:
        return datetime.strptime(str(name), "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError as error:
        raise Garbled(f"{name!r} is no month such as 2025-10") from error


def uptime(case: Fields) -> dict[str, Any]:
    sites = read.records(case, "sites")
    fleet = Fleet(*(intervals_of(sites, name) for name in ("deployed_ehs", "operating_ehs", "curtailed_ehs")))
    found = uptime_of(fleet, month_named(case.get("month")), zone_of(case))
    return {
        "month_seconds": found.month_seconds,
        "average_deployed_ehs": found.average_deployed_ehs,
        "average_operating_ehs": found.average_operating_ehs,
        "operational_efficiency_pct": found.efficiency_pct,
        "availability_excl_curtailment_pct": found.availability_pct,
        "average_curtailed_ehs": found.average_curtailed_ehs,
    }


def intervals_of(sites: Mapping[str, Fields], name: str) -> list[Interval]:
    return [one for code, site in sites.items() for one in read.placed(f"site {code}", site_intervals(name), site)]


def site_intervals(name: str) -> Callable[[Fields], list[Interval]]:
    """Rows with an end stand for themselves; one without an end lasts until the next begins."""

    def intervals(site: Fields) -> list[Interval]:
        steps = read.each(site, name, lambda row: (step_of(row), row))
        starts = sorted(step.start_at for step, _ in steps)
        return [interval_of(step, row, starts) for step, row in steps]

    return intervals


def interval_of(step: Step, row: Fields, starts: list[datetime]) -> Interval:
    later = next((start for start in starts if start > step.start_at), FOREVER)
    return Interval(step.start_at, later if row.get("to") is None else read.instant(row, "to"), step.value)


def report(case: Fields) -> dict[str, Any]:
    names = case.get("months") or []
    days = {name: monthrange(month_named(name).year, month_named(name).month)[1] for name in names}
    closed = read.record(case, "closed_at") if case.get("closed_at") else {}
    closed_at = {name: read.instant(closed, name) for name in closed if closed[name] is not None}
    payouts = read.each(case, "payouts", payout_of)
    months = months_of(days, payouts, closed_at, read.instant(case, "as_of"), zone_of(case))
    restated = [month.restatement_sat or 0 for month in months.values() if month.is_restated]
    return {
        "months": {name: month_fields(month) for name, month in months.items()},
        "ledger_adjustment_period": case.get("adjustment_period"),
        "adjustment_total_sat": sum(restated),
    }


def payout_of(row: Fields) -> Payout:
    return Payout(
        str(read.given(row, "payout_id")),
        read.whole(row, "version", 1),
        read.whole(row, "sat"),
        read.instant(row, "earned_for_end"),
        read.instant(row, "recorded_at"),
    )


def month_fields(month: Month) -> dict[str, Any]:
    return {
        "status": "open" if month.published_sat is None else "closed",
        "as_published_sat": month.published_sat,
        "current_sat": month.current_sat,
        "restatement_sat": month.restatement_sat,
        "restated": month.is_restated,
        "average_daily_btc": month.average_daily_btc,
        "footnote_required": month.is_restated,
    }
