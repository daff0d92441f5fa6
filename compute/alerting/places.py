"""Rules of sites as a whole: the link, the reading of it, hashrate, containers, heat, meter against machines.

A site is one alert whatever stands on it: containers are named in its sentence. Where a site is not read, or its link
is lost, nobody can tell anything else of it.
"""

from collections.abc import Callable, Iterator
from typing import Final

from cango_ops.alerts.rules import CRITICAL, EVERYONE, WARNING, Context, Finding, Place, Rule, Shown, Verdicts
from cango_ops.alerts.table import RuleSet
from cango_ops.base.figures import figure, with_unit
from compute.alerting.rows import Seen, codes, price, sites_now, worth
from compute.market.network import Hashprice
from sites.alerting import place_of

LINK_LOST: Final = Rule(
    name="site.link_lost", title="Link to a site lost", severity=CRITICAL, hold_s=45, clear_s=60, covers=True,
    why="no machine of the site answers: nobody knows whether they run",
)  # fmt: skip
STALE: Final = Rule(
    name="site.stale", title="Site not read", severity=CRITICAL, hold_s=60, clear_s=60, covers=True,
    why="the console itself does not poll it: what is shown is old",
)  # fmt: skip
SWEEPS_LATE: Final = Rule(
    name="sweeps.late", title="Sites not read", severity=CRITICAL, hold_s=60, clear_s=60, of_sites=False,
    why="most sites are not polled: the collector stands still",
)  # fmt: skip
HASHRATE_LOW: Final = Rule(
    name="site.hashrate_low", title="Hashrate below deployed", severity=WARNING, hold_s=300, limit=0.10,
    clear_limit=0.07, unit="ratio", under_link=True,
    why="share of the deployed hashrate that awake machines are short of; from twice the limit on it is critical",
)  # fmt: skip
SILENT: Final = Rule(
    name="site.containers_silent", title="Containers silent", severity=CRITICAL, hold_s=120, limit=0.5,
    clear_limit=0.4, unit="ratio", under_link=True,
    why="share of a container's machines that do not answer: a breaker, a switch, a pump",
)  # fmt: skip
HOT: Final = Rule(
    name="site.hot", title="Too hot", severity=CRITICAL, hold_s=60, limit=95, clear_limit=91, unit="c",
    under_link=True, why="hottest chip, board or GPU of a container",
)  # fmt: skip
METER_BELOW: Final = Rule(
    name="site.meter_below", title="Meter says less than the machines", severity=WARNING, hold_s=600, clear_s=300,
    limit=0.10, clear_limit=0.07, unit="ratio", under_link=True,
    why="the machines' own figures are a floor: a meter below them is wrong, or is passed by",
)  # fmt: skip
METER_ABOVE: Final = Rule(
    name="site.meter_above", title="Meter says more than the machines", severity=WARNING, hold_s=600, clear_s=300,
    limit=0.30, clear_limit=0.25, unit="ratio", under_link=True, is_on=False,
    why="losses, cooling, or load that is not ours; only for sites where every machine says its power",
)  # fmt: skip
OF_A_SITE: Final = (LINK_LOST, STALE, HASHRATE_LOW, SILENT, HOT, METER_BELOW, METER_ABOVE)
RULES: Final = (*OF_A_SITE, SWEEPS_LATE)
# From here on it is the collector, not the sites.
MOST_STALE: Final = 0.5
FEW: Final = 2

Look = Callable[[Seen, Context, Hashprice | None], Iterator[Finding]]


def check(context: Context) -> Verdicts:
    sites, at = sites_now(context.now), price()
    verdicts = Verdicts(judged={rule.name for rule in RULES})
    stale = [seen for seen in sites if seen.is_stale and not seen.is_quiet]
    if len(stale) > FEW and len(stale) >= MOST_STALE * len(sites):
        verdicts.found.append(late(stale))
        verdicts.unknown |= {(rule.name, subject(seen)) for seen in stale for rule in OF_A_SITE}
    for seen in sites:
        if not seen.is_quiet and (STALE.name, subject(seen)) not in verdicts.unknown:
            look_at(seen, context, at, verdicts)
    return verdicts


def look_at(seen: Seen, context: Context, at: Hashprice | None, verdicts: Verdicts) -> None:
    """Of a site that is not heard only that can be said; the rest of it nobody can tell."""
    unheard = unread(seen, at) if seen.is_stale else lost(seen, at) if is_lost(seen) else None
    if unheard is None:
        verdicts.found += [finding for look in LOOKS for finding in look(seen, context, at)]
        verdicts.unknown |= unmetered(seen)
        return
    verdicts.found.append(unheard)
    verdicts.unknown |= {(rule.name, subject(seen)) for rule in OF_A_SITE if rule.under_link}
    if seen.is_stale:
        verdicts.unknown.add((LINK_LOST.name, subject(seen)))


def subject(seen: Seen) -> str:
    return f"site/{seen.site.code}"


def url(seen: Seen) -> str:
    return f"/sites/{seen.site.code}/"


def late(stale: list[Seen]) -> Finding:
    since = max((seen.swept_at for seen in stale if seen.swept_at), default=None)
    return Finding(
        rule=SWEEPS_LATE.name, subject="sweeps", place=Place(EVERYONE, "Collector"), since=since,
        sentence="The collector stands still: what is shown of most sites is old", action="Look at the system",
        url="/system/", usd_why="nobody can tell what runs",
    )  # fmt: skip


def is_lost(seen: Seen) -> bool:
    rests = all(box.rests for box in seen.boxes)
    return seen.swept_at is not None and seen.total("devices") > 0 and not seen.total("reporting") and not rests


def unread(seen: Seen, at: Hashprice | None) -> Finding:
    return Finding(
        rule=STALE.name, subject=subject(seen), place=place_of(seen.site), since=seen.swept_at,
        sentence=f"Not read: what is shown of its {seen.total('devices'):,.0f} machines is old",
        action="Look at the system", url="/system/", shown=chart(seen, "coverage_pct", "pct"),
        **worth(seen.total("awake_ths"), at),
    )  # fmt: skip


def lost(seen: Seen, at: Hashprice | None) -> Finding:
    return Finding(
        rule=LINK_LOST.name, subject=subject(seen), place=place_of(seen.site),
        sentence=f"Link lost: none of {seen.total('devices'):,.0f} machines answers; "
        f"{words(seen.total('awake_ths'), 'ths')} unseen",
        since=seen.since, action="Call the site", url=url(seen), shown=chart(seen, "coverage_pct", "pct"),
        **worth(seen.total("awake_ths"), at),
    )  # fmt: skip


def hashrate(seen: Seen, context: Context, at: Hashprice | None) -> Iterator[Finding]:
    awake = seen.total("awake_ths")
    if awake <= 0:
        return
    missing = awake - seen.total("hashrate_ths")
    deployed = max(awake, seen.total("deployed_ths"))
    share = missing / deployed
    limit = context.limit(HASHRATE_LOW.name, subject(seen), seen.site.pk)
    if share >= limit:
        yield Finding(
            rule=HASHRATE_LOW.name, subject=subject(seen), place=place_of(seen.site),
            severity=CRITICAL if share >= 2 * limit else WARNING,
            sentence=f"{100 * share:.0f} % of hashrate missing: {words(missing, 'ths')} of "
            f"{words(deployed, 'ths')}; worst {codes(sorted(seen.boxes, key=lack, reverse=True), 2)}",
            action="See what is missing", url=url(seen), value=share,
            shown=chart(seen, "hashrate_ths", "ths"), **worth(missing, at),
        )  # fmt: skip


def lack(box: object) -> float:
    return getattr(box, "awake_ths", 0.0) - (getattr(box, "hashrate_ths", None) or 0.0)


def silent(seen: Seen, context: Context, at: Hashprice | None) -> Iterator[Finding]:
    limit = context.limit(SILENT.name, subject(seen), seen.site.pk)
    rows = [box for box in seen.boxes if box.devices and 1 - box.reporting / box.devices >= limit and not box.rests]
    if rows:
        machines = sum(box.devices - box.reporting for box in rows)
        yield Finding(
            rule=SILENT.name, subject=subject(seen), place=place_of(seen.site), value=float(machines),
            sentence=f"{'Container' if len(rows) == 1 else f'{len(rows)} containers'} {codes(rows)}: "
            f"{machines:,} machines do not answer",
            action="Check power and network there",
            url=f"{url(seen)}{max(rows, key=lack).code}/", shown=chart(seen, "coverage_pct", "pct"),
            **worth(sum(lack(box) for box in rows), at),
        )  # fmt: skip


def hot(seen: Seen, context: Context, at: Hashprice | None) -> Iterator[Finding]:
    limit = context.limit(HOT.name, subject(seen), seen.site.pk)
    rows = sorted(
        (box for box in seen.boxes if (box.temp_max_c or 0.0) >= limit), key=lambda box: -(box.temp_max_c or 0)
    )
    if rows:
        yield Finding(
            rule=HOT.name, subject=subject(seen), place=place_of(seen.site), value=rows[0].temp_max_c,
            sentence=f"{rows[0].temp_max_c:.0f} °C in {codes(rows)}, the limit is {limit:.0f} °C",
            action="Check the cooling", url=f"{url(seen)}{rows[0].code}/", shown=chart(seen, "temp_max_c", "c"),
            usd_why="nothing is lost yet",
        )  # fmt: skip


def metered(seen: Seen, context: Context, at: Hashprice | None) -> Iterator[Finding]:
    meter_w, machines_w = seen.meter.power_w, seen.power_w
    if meter_w is None or not machines_w:
        return
    for rule, over, word in (
        (METER_BELOW, machines_w - meter_w, "less"), (METER_ABOVE, meter_w - machines_w, "more"),
    ):  # fmt: skip
        if over / machines_w >= context.limit(rule.name, subject(seen), seen.site.pk):
            yield Finding(
                rule=rule.name, subject=subject(seen), place=place_of(seen.site), value=over / machines_w,
                sentence=f"The meter says {words(meter_w, 'w')}, {100 * over / machines_w:.0f} % {word} than the "
                f"machines' {words(machines_w, 'w')}",
                action="Compare meter and machines", url=url(seen), shown=chart(seen, "meter_power_w", "w"),
                usd_why="which of the two is wrong is not known",
            )  # fmt: skip


def unmetered(seen: Seen) -> set[tuple[str, str]]:
    """Without a fresh meter nobody can compare."""
    if seen.meter.meters and seen.meter.power_w is None:
        return {(rule.name, subject(seen)) for rule in (METER_BELOW, METER_ABOVE)}
    return set()


LOOKS: Final[tuple[Look, ...]] = (hashrate, silent, hot, metered)


def chart(seen: Seen, metric: str, kind: str) -> Shown:
    return Shown("site", seen.site.code, metric, kind)


def words(value: float, kind: str) -> str:
    """A figure in a sentence; two digits are enough there, and change less often."""
    shown = figure(value, kind, 2)
    return with_unit(shown.text, shown.unit)


SET: Final = RuleSet("places", RULES, check)
