"""Rules of pools and of the network's price: silent, stale, or paying for less than what was hashed."""

from collections import defaultdict
from datetime import timedelta
from typing import Final

from django.conf import settings

from cango_ops.alerts.rules import CONSOLE, CRITICAL, OPERATOR, WARNING, Context, Finding, Place, Rule, Verdicts
from cango_ops.alerts.table import RuleSet
from compute.alerting.places import words
from compute.alerting.rows import price, worth
from compute.market.network import hashprice
from compute.market.pools import Standing, standings
from compute.models import PoolAccount
from compute.telemetry import queries
from sites.models import Operator, Site

DOWN: Final = Rule(
    name="pool.down", title="Pool not read", severity=WARNING, hold_s=300, of_sites=False,
    why="the pool's account does not answer: whether shares are counted is not known",
)  # fmt: skip
SHORT: Final = Rule(
    name="pool.short", title="Pool counts less than was hashed", severity=CRITICAL, hold_s=900, clear_s=900,
    limit=0.10, clear_limit=0.06, unit="ratio", of_sites=False,
    why="last hour's shares against measured hashrate: wrong account, wrong pool, stale shares or theft",
)  # fmt: skip
PRICE_STALE: Final = Rule(
    name="network.stale", title="No hashprice", severity=WARNING, hold_s=60, of_sites=False,
    why="without it nothing has a price in dollars an hour",
)  # fmt: skip
RULES: Final = (DOWN, SHORT, PRICE_STALE)


def check(context: Context) -> Verdicts:
    verdicts = Verdicts(judged={rule.name for rule in RULES})
    by_operator: dict[Operator, list[Standing]] = defaultdict(list)
    for one in standings(list(PoolAccount.objects.select_related("operator"))):
        by_operator[one.account.operator].append(one)
    for operator, rows in by_operator.items():
        verdicts.found += [away(operator, one) for one in rows if one.account.failing_since or one.is_stale]
        if any(one.is_stale for one in rows):
            verdicts.unknown.add((SHORT.name, f"operator/{operator.code}"))
        else:
            compare(operator, rows, context, verdicts)
    verdicts.found += stale_price()
    return verdicts


def place_of(operator: Operator) -> Place:
    return Place(OPERATOR, operator.name, operator_id=operator.pk)


def away(operator: Operator, one: Standing) -> Finding:
    account = one.account
    why = account.failing_reason or ("never read" if one.reading is None else "not read lately")
    return Finding(
        rule=DOWN.name, subject=f"pool/{account.name}", place=place_of(operator),
        sentence=f"Pool account {account.name}: {why}", since=account.failing_since,
        action="Look at the pools", url="/system/", usd_why="machines may go on being paid",
    )  # fmt: skip


def compare(operator: Operator, rows: list[Standing], context: Context, verdicts: Verdicts) -> None:
    subject = f"operator/{operator.code}"
    hashed, counted = measured_ths(operator, context), pooled_ths(rows)
    if not hashed or counted is None:
        verdicts.unknown.add((SHORT.name, subject))
        return
    missing = hashed - counted
    if missing / hashed >= context.limit(SHORT.name, subject):
        short = Finding(
            rule=SHORT.name, subject=subject, place=place_of(operator), value=missing / hashed,
            sentence=f"The pools counted {words(counted, 'ths')} in the last hour, {words(hashed, 'ths')} was "
            f"measured: {100 * missing / hashed:.0f} % less",
            action="Check pool accounts and workers", url="/system/", **worth(missing, price()),
        )  # fmt: skip
        verdicts.found.append(short)


def pooled_ths(rows: list[Standing]) -> float | None:
    said = [one.reading.hashrate_1h_ths if one.reading else None for one in rows]
    known = [ths for ths in said if ths is not None]
    return sum(known) if len(known) == len(said) else None


def measured_ths(operator: Operator, context: Context) -> float | None:
    """Mean of the last whole hour's quarters at the operator's sites; None where one of them is missing."""
    ids = list(Site.objects.filter(operator=operator).values_list("pk", flat=True))
    begin = context.now - timedelta(hours=1, minutes=15)
    said = queries.series("site", ids, ["hashrate_ths"], begin, context.now - timedelta(minutes=15), 900)
    quarters = said.columns["hashrate_ths"]
    known = [ths for ths in quarters if ths is not None]
    return sum(known) / len(known) if known and len(known) == len(quarters) else None


def stale_price() -> list[Finding]:
    if not settings.NETWORK_URL:
        return []
    found = hashprice()
    if found is not None and not found.is_stale:
        return []
    return [
        Finding(
            rule=PRICE_STALE.name, subject="network", place=Place(CONSOLE, "Bitcoin network"),
            sentence="Difficulty and price are not read: no figure in dollars an hour is shown",
            since=found.observed_at if found else None, action="Look at the system", url="/system/",
            usd_why="no fresh hashprice",
        )
    ]  # fmt: skip


SET: Final = RuleSet("pools", RULES, check)
