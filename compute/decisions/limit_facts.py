"""What is known of the power limits of a site's tiers, said so that a person can doubt it. Pure."""

from collections.abc import Iterable

from compute.decisions.facts import Fact
from compute.decisions.fleet import Group
from compute.decisions.modes import Rung


def limit_facts(groups: Iterable[Group]) -> list[Fact]:
    """Of tiers whose machines can be told a limit: each limit with what it was measured at, or that none was."""
    return [fact for group in groups if group.is_limited and not group.is_gpu for fact in facts_of(group)]


def facts_of(group: Group) -> list[Fact]:
    name = f"limits of {group.id}"
    if group.standing is None:
        words = "no limit was measured long enough beside full power: they run or sleep"
        return [Fact(name, "none", "telemetry", words=words)]
    rungs = group.standing.ladder.rungs
    return [Fact(name, value_of(rung), f"telemetry of {rung.site}", rung.until_at, words=words_of(rung))
            for rung in rungs]  # fmt: skip


def value_of(rung: Rung) -> str:
    return f"{rung.limit_w:,} W: {rung.power_w:,.0f} W, {rung.hashrate_ths:.1f} TH/s"


def words_of(rung: Rung) -> str:
    return f"{rung.machines:,} machines, {rung.minutes / 60:,.0f} machine-hours"
