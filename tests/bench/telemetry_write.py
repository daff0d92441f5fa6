"""What a minute of 400,000 machines costs to write, against a row for every sample copied in the same run; what a
sealed sample takes; how fast a machine's day and a site's week are read.

    python -m tests.bench.telemetry_write [--sites 42] [--containers 48] [--machines 200]

Starts a PostgreSQL of its own (with fsync, as `make up` does) unless CANGO_TEST_DATABASE_URL names one. Three costs are
told apart: `wall`, the time of the calls; `waiting`, of that in statements; `server`, CPU seconds of the backend.
"""

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.bench.telemetry_company import Size

COPY_TABLE = """
CREATE TABLE bench_rows (
    device_id bigint, at timestamptz, hashrate_ths real, power_w real, board_temp_c real, chip_temp_c real,
    fan_rpm real, accepted bigint, rejected bigint, uptime_s bigint, PRIMARY KEY (device_id, at)
)
"""


@contextmanager
def database() -> Iterator[None]:
    """CANGO_DATABASE_URL points at a fresh database inside the block."""
    given = os.environ.get("CANGO_TEST_DATABASE_URL")
    root = Path(tempfile.mkdtemp(prefix="cango-bench-"))
    root.chmod(0o755)
    os.environ["CANGO_RUN_DIR"] = str(root / "console")
    from cango_ops.embedded.child import Child
    from cango_ops.embedded.folder import RunFolder
    from cango_ops.embedded.postgres import postgres

    child = None
    try:
        if given:
            os.environ["CANGO_DATABASE_URL"] = given
        else:
            folder = RunFolder(root).make()
            part, os.environ["CANGO_DATABASE_URL"] = postgres(folder)
            child = Child(part, folder)
            child.start()
            child.wait_ready()
        yield
    finally:
        if child:
            child.stop()
        shutil.rmtree(root, ignore_errors=True)


class Meter:
    """Adds up what calls cost."""

    def __init__(self) -> None:
        self.wall = self.waiting = self.server = self.client = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        from compute.telemetry.database import Statements

        plain = Statements.run

        def timed(sql: Any, statement: str, values: Any = ()) -> int:
            started = time.perf_counter()
            try:
                return plain(sql, statement, values)
            finally:
                self.waiting += time.perf_counter() - started

        Statements.run = timed  # type: ignore[method-assign]
        server, client, wall = backend_cpu_s(), time.process_time(), time.perf_counter()
        try:
            yield
        finally:
            self.wall += time.perf_counter() - wall
            self.client += time.process_time() - client
            self.server += backend_cpu_s() - server
            Statements.run = plain  # type: ignore[method-assign]

    def line(self, what: str, samples: int) -> str:
        return (
            f"{what:46} wall {self.wall:7.2f} s  waiting {self.waiting:6.2f} s  server {self.server:6.2f} CPU-s  "
            f"client {self.client:6.2f} CPU-s  ({samples:,} samples)"
        )


def backend_cpu_s() -> float:
    """CPU seconds of the backend of this connection so far; its machine is this one."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(Path(f"/proc/{cursor.fetchone()[0]}/schedstat").read_text().split()[0]) / 1e9


def write_minutes(size: "Size", started_at: float) -> None:
    """First contact, then an ordinary minute, then a second sweep of the same minute."""
    from sites.models import Site
    from tests.bench import telemetry_company as company

    machines = company.estate_machines(2000)
    sites = list(Site.objects.order_by("pk").values_list("pk", flat=True))
    plan = (
        ("first contact of every machine", started_at),
        ("an ordinary minute", started_at + 60),
        ("a second sweep of that minute", started_at + 80),
        ("a minute with all details (every 4th)", started_at + 300),
    )
    for what, at in plan:
        meter, samples = Meter(), 0
        for site in sites:
            polled = company.site_polls(site, at, machines)
            samples += write_one(meter, site, polled)
        print(meter.line(what, samples), flush=True)
    meter = Meter()
    for site in sites:
        copy_rows(meter, company.site_polls(site, started_at + 60, machines))
    print(meter.line("a row for every sample by COPY, with its key", size.devices), flush=True)


def write_one(meter: Meter, site: int, polled: list[Any]) -> int:
    from compute.telemetry import store

    with meter.running():
        return store.write(site, polled).samples


def copy_rows(meter: Meter, polled: list[Any]) -> None:
    from django.db import connection, transaction

    from compute.telemetry import metrics
    from compute.telemetry.gather import moment

    rows = [
        (one.device_id, moment(one.observed_at), *metrics.sample("asic", one.reading)) for one in polled if one.reading
    ]
    with meter.running(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        started = time.perf_counter()
        with cursor.copy("COPY bench_rows FROM STDIN") as copy:
            for row in rows:
                copy.write_row([*row[:7], *(int(number or 0) for number in row[7:])])
        meter.waiting += time.perf_counter() - started


def day_of_a_container(machines: int) -> None:
    """Seals 24 hours of one container of the estate; reads one machine's day."""
    from compute.models import Container, Device
    from compute.telemetry import queries
    from compute.telemetry.gather import moment
    from tests.bench import telemetry_company as company

    box = Container.objects.order_by("pk")[0]
    midnight = int(time.time()) // 86_400 * 86_400 - 2 * 86_400
    sizes = seal_day(box.pk, midnight, company.estate_machines(machines))
    samples = 24 * 60 * machines
    print(f"sealed: {sum(sizes) / samples:.2f} B a sample of eight numbers ({samples:,} samples of the estate)")
    device = Device.objects.filter(container=box)[77 % machines]
    names = [name for name in queries.DEVICE_METRICS if name not in ("tokens_per_s", "gpu_temp_c")][:8]
    span = (moment(midnight), moment(midnight + 86_400))
    print_times(
        "a machine's 24 hours, eight metrics, sealed", lambda: queries.series("device", [device.pk], names, *span)
    )


def seal_day(box: int, midnight: int, machines: list[Any]) -> list[int]:
    from compute.telemetry import chunk, codec, partitions, sealing
    from compute.telemetry.database import statements
    from compute.telemetry.gather import moment
    from tests.bench import telemetry_company as company

    partitions.ensure([partitions.CHUNK], [moment(midnight)])
    slots, rows, seconds = range(1, len(machines) + 1), [], 0.0
    for hour in range(midnight, midnight + 86_400, 3600):
        frames = {}
        for minute in range(60):
            at = [hour + 60 * minute + 40 + company.SPREAD_S * n / len(machines) for n in range(len(machines))]
            samples = [company.sample(machine, second) for machine, second in zip(machines, at, strict=True)]
            frames[minute] = codec.from_rows("asic", slots, [int(one) for one in at], codec.to_steps("asic", samples))
        started = time.process_time()
        data = chunk.seal("asic", hour, frames)
        seconds += time.process_time() - started
        samples = 60 * len(machines)
        rows.append({"container_id": box, "kind": 1, "hour_at": moment(hour), "samples": samples, "chunk": data})
    with statements() as sql:
        sealing.CHUNK.run(sql, rows)
    print(f"sealing: {24 * 60 * len(machines) / seconds / 1e6:.1f} M samples a CPU second")
    return [len(row["chunk"]) for row in rows]


def week_of_a_site() -> None:
    """Seven days of minute rollups of one site and of its quarter hours, read as pages do."""
    from django.db import connection

    from compute.telemetry import history, partitions, queries
    from compute.telemetry.gather import moment
    from sites.models import Site

    site = Site.objects.order_by("pk")[0].pk
    end = int(time.time()) // 3600 * 3600 - 86_400
    start = end - 7 * 86_400
    days = [moment(start) + timedelta(days=n) for n in range(8)]
    partitions.ensure([partitions.ROLLUP_MINUTE, partitions.ROLLUP_QUARTER], days)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO telemetry_rollup (resolution_s, scope, scope_id, start_at, minutes, expected, present, up, "
            "    deployed_ths, hashrate_ths, power_w, chip_temp_c) "
            "SELECT 60, 2, %s, at, 1, 9600, 9552, 9500, 1920000, 1900000 + random() * 9000, 3.3e7, 71 "
            "FROM generate_series(%s::timestamptz, %s::timestamptz - interval '1 minute', '1 minute') AS at",
            [site, moment(start), moment(end)],
        )
        cursor.execute(
            "INSERT INTO telemetry_dirty (site_id, hour_at, rolled_up) SELECT %s, at, false "
            "FROM generate_series(%s::timestamptz, %s::timestamptz - interval '1 hour', '1 hour') AS at",
            [site, moment(start), moment(end)],
        )
    history.roll_up()
    names = ["hashrate_ths", "power_w", "uptime_pct", "chip_temp_c"]
    span = (moment(start), moment(end))
    for resolution_s in (900, 60):
        what = f"a site's 7 days, four metrics, every {resolution_s} s"
        print_times(what, lambda step=resolution_s: queries.series("site", [site], names, *span, step))


def totals_of_the_fleet() -> None:
    from compute.telemetry import queries
    from sites.models import Site

    sites = list(Site.objects.values_list("pk", flat=True))
    print_times(f"totals of {len(sites)} sites and the fleet", lambda: queries.fleet_totals(sites))


def print_times(what: str, call: Callable[[], object], times: int = 15) -> None:
    call()
    took, cpu = [], []
    for _ in range(times):
        started, used = time.perf_counter(), time.process_time() + backend_cpu_s()
        call()
        took.append(time.perf_counter() - started)
        cpu.append(time.process_time() + backend_cpu_s() - used)
    print(
        f"{what:46} median {1000 * median(took):6.1f} ms, least {1000 * min(took):.1f} ms, "
        f"CPU on both sides {1000 * median(cpu):.1f} ms"
    )


def sizes_of_tables() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for table in ("telemetry_hot", "telemetry_current", "telemetry_totals", "telemetry_detail", "bench_rows"):
            cursor.execute(
                "SELECT coalesce(sum(pg_total_relation_size(relid)), pg_total_relation_size(%s)) "
                "FROM pg_partition_tree(%s) WHERE isleaf",
                [table, table],
            )
            print(f"{table:20} {int(cursor.fetchone()[0]) / 1e6:9.1f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    for name, default in (("sites", 42), ("containers", 48), ("machines", 200)):
        parser.add_argument(f"--{name}", type=int, default=default)
    chosen = parser.parse_args()
    with database():
        os.environ["DJANGO_SETTINGS_MODULE"] = "cango_ops.settings"
        os.environ["CANGO_SWEEP_S"] = "60"
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        from tests.bench import telemetry_company as company

        call_command("migrate", verbosity=0)
        size = company.Size(chosen.sites, chosen.containers, chosen.machines)
        company.settle(size)
        with connection.cursor() as cursor:
            cursor.execute(COPY_TABLE)
            cursor.execute("ANALYZE")
        print(f"{size.devices:,} machines at {size.sites} sites", flush=True)
        write_minutes(size, int(time.time()) // 60 * 60 - 600)
        sizes_of_tables()
        totals_of_the_fleet()
        day_of_a_container(size.machines)
        week_of_a_site()
        connection.close()


if __name__ == "__main__":
    main()
