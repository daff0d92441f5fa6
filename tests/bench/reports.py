"""What closing and reporting a month costs: gather, freeze, each document, the checklist, the close.

    python -m tests.bench.reports [--sites 42]

Starts a PostgreSQL of its own unless CANGO_TEST_DATABASE_URL names one, with thirteen months of a payout a day and of
hourly telemetry of every site.
"""

import argparse
import os
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.bench.ledger import measure
from tests.bench.telemetry_write import database

FIRST = datetime(2024, 10, 1, tzinfo=UTC)
LAST = datetime(2025, 11, 1, tzinfo=UTC)
OBSERVE = """
INSERT INTO telemetry_rollup (resolution_s, scope, scope_id, start_at, minutes, expected, present, up, deployed_ths,
                              hashrate_ths, power_w)
SELECT 3600, 2, site.id, hour, 60, 600000, 590000, 570000, 1200000, 1100000, 2e7
FROM sites_site AS site, 
     generate_series(%s::timestamptz, %s::timestamptz - interval '1 hour', interval '1 hour') AS hour
"""


def load(sites: int) -> None:
    from django.db import connection

    from sites.models import Operator, Region, Site
    from treasury.books.post import post
    from treasury.ledger.facts import Acquired, Origin
    from treasury.models import PriceMark

    company = Operator.objects.create(code="cango", name="Cango", is_company=True)
    region = Region.objects.create(code="texas", name="Texas")
    Site.objects.bulk_create(
        Site(
            code=f"S{n}",
            name=f"Site {n}",
            operator=company,
            region=region,
            kind="owned",
            time_zone="UTC",
            capacity_mw=20,
        )
        for n in range(sites)
    )
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(OBSERVE, [FIRST, LAST])
        cursor.execute("ANALYZE")
        print(f"{cursor.rowcount if cursor.rowcount > 0 else sites * 9504:,} hours of sites loaded", flush=True)
    days = (LAST - FIRST).days
    facts = [
        Acquired(
            FIRST + timedelta(days=n, hours=9), 0, f"m{n}", Origin.MINED, "cold", f"m{n}", 2 * 10**9, Decimal(2_000_000)
        )
        for n in range(days)
    ]
    post(facts, "bench")
    for at in (datetime(2025, 9, 30, 23, tzinfo=UTC), datetime(2025, 10, 31, 23, tzinfo=UTC)):
        PriceMark.objects.create(source="bench", at=at, price_usd=Decimal(110_000))


def people() -> tuple[Any, Any]:
    from cango_ops.base.models import User
    from sites.models import Membership, Role

    users = [User.objects.create_user(username=name, email=f"{name}@x.example") for name in ("ted", "ines")]
    for user, role in zip(users, (Role.TREASURER, Role.INVESTOR_RELATIONS), strict=True):
        Membership.objects.create(user=user, role=role)
    return users[0], users[1]


def measure_documents() -> None:
    from treasury.reports import published, snapshot
    from treasury.reports.compose import compose
    from treasury.reports.documents import csv_file, docx, images, page, pdf, xlsx
    from treasury.reports.documents.every import every
    from treasury.reports.writer import document

    frozen = compose(published.material("2025-10"))
    told = document(frozen)
    measure("compose the snapshot of a published month", lambda: compose(published.material("2025-10")))
    measure("its canonical JSON and hash", lambda: snapshot.sha256(frozen))
    measure("PDF", lambda: pdf.render(told, frozen.month))
    measure("DOCX", lambda: docx.render(frozen, told))
    measure("XLSX", lambda: xlsx.render(frozen, told))
    measure("page", lambda: page.render(told))
    measure("CSV and charts", lambda: (csv_file.render(frozen), images.render(told)))
    measure("all seven documents", lambda: every(frozen), 7)


def measure_month() -> None:
    from cango_ops.base import clock
    from treasury.closing.checklist import checklist
    from treasury.closing.close import close, explain
    from treasury.reports.files import freeze
    from treasury.reports.gather import gathered

    ted, ines = people()
    month = date(2025, 10, 1)
    measure("gather a month and the twelve before it", lambda: gathered("2025-10"), 5)
    measure("gather, freeze and render it", lambda: freeze(gathered("2025-10"), ines), 3)
    measure("the checklist", lambda: checklist(month, clock.now()), 5)
    explain(month, "chain", "compared with the node by hand", ted)
    measure("close the month", lambda: close(month, ted), 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--sites", type=int, default=42)
    chosen = parser.parse_args()
    with database():
        os.environ["DJANGO_SETTINGS_MODULE"] = "cango_ops.settings"
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        call_command("migrate", verbosity=0)
        measure_documents()
        load(chosen.sites)
        measure_month()
        connection.close()


if __name__ == "__main__":
    main()
