"""The overview of a whole company: what the server takes for it, and when a browser paints it first.

    python -m tests.bench.overview [--sites 42] [--containers 48] [--machines 200]

Real PostgreSQL, Redis and uvicorn; one minute of every machine is written, and a day of quarter hours. `server` is
what the answer's Server-Timing says, `wall` from the first byte of the request to the last of the answer over one kept
connection; `alone` waits until what people share (a page's rows, uptimes, lines) has run out.
"""

import argparse
import http.client
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import sync_playwright

from cango_ops.embedded.child import Child
from cango_ops.embedded.console import CHECKOUT, answers_http, web
from cango_ops.embedded.folder import RunFolder, free_port
from cango_ops.embedded.part import Part
from tests.bench.live_fanout import manage, servers
from tests.pages.chromium import FLAGS, find_chromium

SESSION = "cango_session"
SHARED_RUNS_OUT_S = 1.2
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
DAY_OF_QUARTERS = """
INSERT INTO telemetry_rollup (resolution_s, scope, scope_id, start_at, minutes, expected, present, up,
    deployed_ths, hashrate_ths, power_w, chip_temp_c)
SELECT 900, 2, site.id, at, 15, 15 * 9600, 15 * 9552, 15 * 9500, 15 * 1.92e6, 15 * 1.9e6, 15 * 3.3e7, 71
FROM sites_site AS site,
    generate_series(date_trunc('hour', now()) - interval '1 day', now() - interval '1 hour', '15 minutes') AS at
"""


def company(sites: int, containers: int, machines: int) -> str:
    """Writes it, and gives the session of a manager who sees all of it."""
    from django.db import connection

    from cango_ops.base.models import User
    from compute.telemetry import partitions, store
    from compute.telemetry.gather import moment
    from sites.models import Membership, Role, Site
    from tests.bench import telemetry_company
    from tests.live.server import session_of

    telemetry_company.settle(telemetry_company.Size(sites, containers, machines))
    now = time.time()
    seen = telemetry_company.estate_machines(500)
    for site in Site.objects.order_by("pk").values_list("pk", flat=True):
        store.write(site, telemetry_company.site_polls(site, now - 20, seen))
    partitions.ensure([partitions.ROLLUP_QUARTER], [moment(now), moment(now - 86_400)])
    with connection.cursor() as cursor:
        cursor.execute(DAY_OF_QUARTERS)
        cursor.execute("ANALYZE")
    user = User.objects.create(username="ada", email="ada@example.com", password="!")
    Membership.objects.create(user=user, role=Role.MANAGER)
    return session_of(user)


def server(port: int, environment: dict[str, str]) -> Child:
    words = (*web(port), "--log-level=warning")
    part = Part(
        name="web", title="Web", argv=words, environment={**os.environ, **environment}, folder=CHECKOUT,
        is_ready=partial(answers_http, port),
    )  # fmt: skip
    return Child(part, RunFolder(Path(environment["CANGO_RUN_DIR"])))


def times_ms(asked: Callable[[], float], times: int, pause_s: float) -> tuple[list[float], list[float]]:
    """What the server says it took, and what it took here."""
    asked()
    server, wall = [], []
    for _ in range(times):
        time.sleep(pause_s)
        started = time.perf_counter()
        server.append(asked())
        wall.append(1000 * (time.perf_counter() - started))
    return server, wall


def get(connection: http.client.HTTPConnection, path: str, session: str) -> float:
    connection.request("GET", path, headers={"Cookie": f"{SESSION}={session}", "Accept-Encoding": "identity"})
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, (path, answer.status, body[:200])
    return float(answer.headers["Server-Timing"].partition("dur=")[2])


def first_paints_ms(url: str, session: str, times: int) -> list[float]:
    """Of a browser that has nothing in its cache yet."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(playwright.chromium.executable_path), args=FLAGS
        )
        painted = []
        for _ in range(times):
            context = browser.new_context(viewport={"width": 1366, "height": 768})
            context.add_cookies([{"name": SESSION, "value": session, "url": url}])
            page = context.new_page()
            page.goto(url)
            page.wait_for_function(f"{PAINTED} !== null")
            painted.append(float(page.evaluate(PAINTED)))
            context.close()
        browser.close()
    return painted


def said(what: str, took: list[float]) -> str:
    return f"{what:34} median {median(took):6.1f} ms, p95 {quantiles(took, n=20)[-1]:6.1f} ms ({len(took)} times)"


@contextmanager
def watched(url: str, session: str) -> Iterator[None]:
    """Somebody looks at the overview meanwhile: what changes is told, so the alerts may be shared too."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(playwright.chromium.executable_path), args=FLAGS
        )
        context = browser.new_context()
        context.add_cookies([{"name": SESSION, "value": session, "url": url}])
        page = context.new_page()
        page.goto(url)
        page.wait_for_selector("#live-text:text('live')")
        yield
        browser.close()


def measure(session: str, port: int) -> None:
    url = f"http://127.0.0.1:{port}/"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    plans: list[tuple[str, str, int, float]] = [
        ("overview, shared", "/", 300, 0.01),
        ("overview's panel, shared", "/overview/panel/", 300, 0.01),
        ("overview, alone", "/", 20, SHARED_RUNS_OUT_S),
    ]
    for what, path, times, pause_s in plans:
        server, wall = times_ms(partial(get, connection, path, session), times, pause_s)
        print(said(f"{what}: server", server), said(f"{what}: wall", wall), sep="\n", flush=True)
    print(said("first paint, nothing cached", first_paints_ms(url, session, 10)))
    with watched(url, session):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        server, wall = times_ms(partial(get, connection, "/", session), 300, 0.01)
    print(said("overview, watched: server", server), said("overview, watched: wall", wall), sep="\n")


def run(sizes: Any) -> None:
    with servers() as environment:
        os.environ |= environment | {"DJANGO_SETTINGS_MODULE": "cango_ops.settings", "CANGO_SWEEP_S": "60"}
        import django

        django.setup()
        from cango_ops.alerts.topics import TOPIC
        from cango_ops.live.publish import publish

        manage(environment, "migrate", "--verbosity=0")
        session = company(sizes.sites, sizes.containers, sizes.machines)
        print(f"{sizes.sites * sizes.containers * sizes.machines:,} machines at {sizes.sites} sites", flush=True)
        port = free_port()
        child = server(port, {**environment, "CANGO_SWEEP_S": "60", "CANGO_HTTP_PORT": str(port)})
        child.start()
        child.wait_ready()
        publish(TOPIC)  # as after any change of an alert: the web process knows its number from then on
        try:
            measure(session, port)
        finally:
            child.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    for name, default in (("sites", 42), ("containers", 48), ("machines", 200)):
        parser.add_argument(f"--{name}", type=int, default=default)
    run(parser.parse_args())


if __name__ == "__main__":
    main()
