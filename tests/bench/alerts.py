"""A round over all rules for a whole company: what it takes, and how many queries.

    python -m tests.bench.alerts [--sites 42] [--containers 48] [--machines 20] [--open 200]

Real PostgreSQL. Rules look at containers, so the machines in them change nothing; a few are written to keep it short.
"""

import argparse
import os
import time
from statistics import median, quantiles
from typing import Any

from tests.bench.live_fanout import manage, servers
from tests.bench.overview import company

ROUNDS = 40


def more_alerts(count: int) -> None:
    """So many that stand open at sites, of rules whose condition nobody can tell just now."""
    from django.utils import timezone

    from cango_ops.alerts.models import Alert
    from sites.models import Site

    sites, now = list(Site.objects.all()), timezone.now()
    Alert.objects.bulk_create(
        Alert(
            rule="bench", subject=f"x/{n}", scope="site", site_id=sites[n % len(sites)].pk, place="X", state="firing",
            severity="warning", sentence="x", action="x", url="/", usd_per_h=n, since=now, held_since=now,
            judged_at=now,
        )
        for n in range(count)
    )  # fmt: skip


def measure() -> None:
    from django.db import connection, reset_queries
    from django.test.utils import CaptureQueriesContext

    from cango_ops.alerts import queries
    from cango_ops.alerts.evaluate import evaluate
    from cango_ops.base.models import User
    from cango_ops.web.alerts.seen import seen
    from cango_ops.web.alerts.table import TABLE

    took, listed = [], []
    user = User.objects.get()
    for _ in range(ROUNDS):
        reset_queries()
        began = time.perf_counter()
        evaluate(TABLE)
        took.append(1000 * (time.perf_counter() - began))
        began = time.perf_counter()
        queries.calling(seen(user), 8)
        listed.append(1000 * (time.perf_counter() - began))
    with CaptureQueriesContext(connection) as caught:
        evaluate(TABLE)
    print(said("a round over all rules", took), f"{len(caught)} queries", sep=", ")
    print(said("the list of what needs somebody", listed))


def said(what: str, took: list[float]) -> str:
    return f"{what:34} median {median(took):6.1f} ms, p95 {quantiles(took, n=20)[-1]:6.1f} ms ({len(took)} times)"


def run(sizes: Any) -> None:
    with servers() as environment:
        os.environ |= environment | {"DJANGO_SETTINGS_MODULE": "cango_ops.settings", "CANGO_SWEEP_S": "3600"}
        import django

        django.setup()
        manage(environment, "migrate", "--verbosity=0")
        company(sizes.sites, sizes.containers, sizes.machines)
        more_alerts(sizes.open)
        print(f"{sizes.sites * sizes.containers:,} containers at {sizes.sites} sites, {sizes.open} alerts", flush=True)
        measure()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    for name, default in (("sites", 42), ("containers", 48), ("machines", 20), ("open", 200)):
        parser.add_argument(f"--{name}", type=int, default=default)
    run(parser.parse_args())


if __name__ == "__main__":
    main()
