"""The table of periodic work: which task, how often, on which queue, and why. Pure."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

# Then every site has been swept.
FIRST_WITHIN_S: Final = 120.0


class Periodic(NamedTuple):
    """One row of the schedule. every_s: seconds between two wake-ups, which also expire after that time."""

    task: str
    every_s: float
    queue: str
    why: str
    args: tuple[int, ...] = ()


def table(sweep_s: int, collector_slots: int) -> list[Periodic]:
    """All periodic work of a console that sweeps its devices every `sweep_s` seconds in so many slots."""
    sweeps = [
        Periodic("compute.sweep_slot", sweep_s, "collect", "reads every device of the slot's sites", (slot,))
        for slot in range(collector_slots)
    ]
    return [
        *sweeps,
        Periodic("compute.send_commands", 10, "commands", "sends what was approved to the machines"),
        Periodic("compute.confirm_commands", 10, "default", "ends commands by what is seen of them"),
        Periodic("compute.expire_commands", 10, "default", "ends commands whose time has passed"),
        Periodic("base.tidy", 3600, "default", "forgets old runs of tasks and expired sessions"),
        Periodic("compute.keep_partitions", 3600, "default", "makes tomorrow's partitions, drops expired ones"),
        Periodic("compute.roll_up", 60, "default", "makes the longer rollups of hours that got samples"),
        Periodic("compute.seal_hours", 300, "default", "compresses the samples of hours that are over"),
        Periodic("compute.run_scans", 10, "default", "goes on with scans for machines that somebody asked for"),
        Periodic("compute.note_swaps", 60, "default", "knows machines by what they say they are, and notes swaps"),
        Periodic("compute.read_network", 60, "default", "reads difficulty, rewards and price of Bitcoin"),
        Periodic("compute.read_pools", 60, "default", "reads the accounts at mining pools that are due"),
        Periodic("sites.forget_minutes", 3600, "default", "forgets minutes of meters that are past their keeping"),
        Periodic("compute.plan_sites", 300, "default", "plans what each site should run, and proposes what pays"),
        Periodic("compute.carry_decisions", 30, "default", "orders what was approved, looks whether power moved"),
        Periodic("compute.look_back", 3600, "default", "tells what a day was worth once it is over"),
        Periodic("sites.read_prices", 60, "default", "reads the power prices that contracts follow"),
        Periodic("sites.forecast_prices", 600, "default", "writes down what is expected, and how far off it was"),
        Periodic(
            "compute.read_epochs", 600, "default", "keeps the difficulty of each epoch and the reward of each day"
        ),
        Periodic(
            "treasury.measure_production", 600, "default", "makes expected coins of measured hashrate, day by day"
        ),
        Periodic(
            "treasury.read_statements", 60, "default", "reads what pools list of days and payouts, when it is due"
        ),
        Periodic("treasury.reconcile", 300, "default", "posts payouts, and looks where tellers of coins do not agree"),
        Periodic("treasury.read_wallets", 60, "default", "reads the watched wallets off the chain, when they are due"),
        Periodic("compute.thin_plans", 3600, "default", "lets go of plans that became nothing"),
        Periodic("compute.run_backtests", 10, "default", "runs back-tests that somebody asked for"),
        Periodic("sites.read_meters", sweep_s, "collect", "reads every power meter"),
        Periodic("treasury.release_reports", 15, "default", "publishes approved reports whose release time has come"),
        Periodic("treasury.tell_of_releases", 15, "default", "tells subscribers of what was published"),
        Periodic("treasury.make_reports", 5, "default", "freezes the reports that somebody asked for"),
        Periodic(
            "treasury.tell_days", 900, "default", "tells what sites and GPU contracts cost and earned, by the day"
        ),
        Periodic("alerts.evaluate", 15, "default", "judges every rule, moves alerts from state to state"),
        Periodic("alerts.deliver", 15, "default", "sends mail and webhooks about alerts"),
        Periodic("alerts.forget", 3600, "default", "forgets alerts that ended long ago"),
        Periodic("treasury.post_interest", 3600, "default", "posts the interest of loans, each month once"),
        Periodic("treasury.expire_proposals", 60, "default", "ends proposals of the treasury whose time has passed"),
        Periodic("alerts.heartbeat", 60, "default", "says outside that the rules are judged"),
        Periodic("sites.read_batteries", sweep_s, "collect", "asks every battery how full it is"),
        Periodic("compute.learn_power_modes", 1800, "default", "measures what machines do under their power limits"),
        Periodic("compute.plan_called", 10, "default", "plans a site at once that a programme has called"),
    ]


def beat(rows: list[Periodic], started_at: datetime) -> dict[str, dict[str, object]]:
    """Celery's beat_schedule of the table; a wake-up nobody took in time is dropped, the next one stands for it.

    Of a console that starts for the first time at `started_at`, rare work is done soon, and not only hours later.
    """
    return {
        f"{row.task}{row.args or ''}": {
            "task": row.task,
            "schedule": row.every_s,
            "args": row.args,
            "last_run_at": started_at - timedelta(seconds=max(0.0, row.every_s - FIRST_WITHIN_S)),
            "options": {"queue": row.queue, "expires": row.every_s},
        }
        for row in rows
    }
