"""What is known of the power limits of a site's tiers, said so that a person can doubt it. Pure."""

from collections.abc import Iterable

from compute.decisions.facts import Fact
from compute.decisions.fleet import Group
from compute.decisions.modes import Rung


def limit_facts(groups: Iterable[Group]) -> list[Fact]:
    """Of tiers whose machines can be told a limit: each limit as it was measured; of the others that none was."""
    limited = [group for group in groups if group.is_limited and not group.is_gpu]
    unknown = [group.id for group in limited if group.standing is None]
    facts = [fact for group in limited for fact in facts_of(group)]
    if unknown:
        words = f"{', '.join(unknown)}: no limit was measured long enough beside full power, so they run or sleep"
        facts.append(Fact("limits", "none known", "telemetry", words=words))
    return facts


def facts_of(group: Group) -> list[Fact]:
    if group.standing is None:
        return []
    name = f"limits of {group.id}"
    rungs = group.standing.ladder.rungs
    return [Fact(name, value_of(rung), f"telemetry of {rung.site}", rung.until_at, words=words_of(rung))
            for rung in rungs]  # fmt: skip


def value_of(rung: Rung) -> str:
    return f"told {rung.limit_w:,} W: takes {rung.power_w:,.0f} W, makes {rung.hashrate_ths:.1f} TH/s"


def words_of(rung: Rung) -> str:
    return f"{rung.machines:,} machines, {rung.minutes / 60:,.0f} machine-hours"
