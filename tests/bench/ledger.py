"""What a million entries of the books cost: a day posted, a balance at any date, a year rolled forward.

    python -m tests.bench.ledger [--entries 1000000] [--quick]

Starts a PostgreSQL of its own (with fsync, as `make up` does) unless CANGO_TEST_DATABASE_URL names one. The entries are
five years of mined coins in forty wallets, every lot of them still open, loaded with the triggers off; what is measured
goes the ordinary way, commit included. Two costs are told apart: `wall`, which waits for whatever else the machine
does, and `cpu`, the processor time of this process and of the backend that serves it.
"""

import argparse
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from tests.bench.telemetry_write import backend_cpu_s, database

FIRST = datetime(2021, 1, 1, tzinfo=UTC)
DAYS = 1826
WALLETS = 40

LOAD = (
    "SET session_replication_role = replica",
    """
    INSERT INTO treasury_account (code)
    SELECT 'Assets:Bitcoin:Wallet:w' || n FROM generate_series(0, {wallets} - 1) AS n
    UNION ALL VALUES ('Income:Bitcoin:Mined'), ('Assets:BitcoinCost:Mined'), ('Income:Mining')
    """,
    """
    INSERT INTO treasury_journalentry (source_id, kind, at, seq, recorded_at, added_in, actor, digest, evidence)
    SELECT 'load-' || lpad(n::text, 9, '0'), 'mined', {first}::timestamptz + n * {step}, 0, now(), 0, 'bench',
           md5(n::text), jsonb_build_object('told', jsonb_build_object(
               'fact', 'acquired', 'origin', 'mined', 'wallet', 'w' || n % {wallets}, 'lot', 'load-' || n,
               'sat', 100000000 + n, 'cost_usd', '60000.00', 'price_usd', '60000'))
    FROM generate_series(0, {entries} - 1) AS n
    """,
    """
    INSERT INTO treasury_posting (entry_id, account_id, at, currency, amount_sat, amount)
    SELECT e.id, a.id, e.at, 'BTC', (e.evidence->'told'->>'sat')::bigint, NULL::numeric FROM treasury_journalentry AS e
    JOIN treasury_account AS a ON a.code = 'Assets:Bitcoin:Wallet:' || (e.evidence->'told'->>'wallet')
    UNION ALL
    SELECT e.id, a.id, e.at, 'BTC', -(e.evidence->'told'->>'sat')::bigint, NULL FROM treasury_journalentry AS e
    JOIN treasury_account AS a ON a.code = 'Income:Bitcoin:Mined'
    UNION ALL
    SELECT e.id, a.id, e.at, 'USD', NULL, CASE a.code WHEN 'Income:Mining' THEN -60000 ELSE 60000 END
    FROM treasury_journalentry AS e
    JOIN treasury_account AS a ON a.code IN ('Assets:BitcoinCost:Mined', 'Income:Mining')
    """,
    """
    INSERT INTO treasury_lot (entry_id, code, at, seq, source_id, sat, cost_usd)
    SELECT id, evidence->'told'->>'lot', at, seq, source_id, (evidence->'told'->>'sat')::bigint, 60000
    FROM treasury_journalentry
    """,
    """
    INSERT INTO treasury_openlot (lot_id, code, at, seq, source_id, left_sat, left_cost_usd)
    SELECT id, code, at, seq, source_id, sat, cost_usd FROM treasury_lot
    """,
    """
    INSERT INTO treasury_dayturnover (account_id, currency, day, amount_sat, amount)
    SELECT account_id, currency, (at AT TIME ZONE 'UTC')::date, coalesce(sum(amount_sat), 0), coalesce(sum(amount), 0)
    FROM treasury_posting GROUP BY 1, 2, 3
    """,
    """
    INSERT INTO treasury_monthturnover (account_id, currency, month, amount_sat, amount)
    SELECT account_id, currency, date_trunc('month', day)::date, sum(amount_sat), sum(amount)
    FROM treasury_dayturnover GROUP BY 1, 2, 3
    """,
    "SET session_replication_role = DEFAULT",
    "ANALYZE",
)


def load(entries: int) -> None:
    from django.db import connection

    step = f"interval '{DAYS * 86_400 / entries} seconds'"
    with connection.cursor() as cursor:
        for statement in LOAD:
            cursor.execute(
                statement.format(entries=entries, wallets=WALLETS, first=f"'{FIRST.isoformat()}'", step=step)
            )


def mined(number: int, n: int, at: datetime) -> Any:
    from treasury.ledger.facts import Acquired, Origin

    source = f"day{number}-m{n}"
    return Acquired(at, 0, source, Origin.MINED, f"w{n % WALLETS}", source, 5_000_000 + n, Decimal("3500.00"))


def day_of_facts(number: int, at: datetime) -> list[Any]:
    """550 facts: mined coins, sales, transfers with their fees, a pledge."""
    from treasury.ledger.facts import Moved, Place, Sold

    price = Decimal(70_000)
    facts: list[Any] = [mined(number, n, at + timedelta(seconds=150 * n)) for n in range(540)]
    noon = at + timedelta(hours=12)
    facts += [Sold(noon, n, f"day{number}-s{n}", f"w{n}", 2_500_000_000, price, Decimal(250)) for n in range(3)]
    facts += [
        Moved(noon, 10 + n, f"day{number}-t{n}", Place("wallet", f"w{n}"), Place("wallet", "cold"), 10**9, 2000, price)
        for n in range(6)
    ]
    return [*facts, Moved(noon, 20, f"day{number}-p", Place("wallet", "w9"), Place("loan", "A"), 10**9)]


def measure(what: str, call: Callable[[], object], times: int = 15) -> None:
    """A tick of the server's clock is 10 ms, so its processor time is the mean over all calls."""
    took, before = [], time.process_time() + backend_cpu_s()
    for _ in range(times):
        started = time.perf_counter()
        call()
        took.append(1000 * (time.perf_counter() - started))
    cpu_ms = 1000 * (time.process_time() + backend_cpu_s() - before) / times
    wall = f"wall median {median(took):8.1f}   least {min(took):8.1f}   most {max(took):8.1f}"
    print(f"{what:58} cpu {cpu_ms:8.1f} ms   {wall}", flush=True)


def measure_all(is_quick: bool) -> None:
    from treasury.books import check, queries
    from treasury.books.post import post

    end = FIRST + timedelta(days=DAYS)
    numbers = iter(range(1000))

    def post_next(back: int = 0) -> None:
        number = next(numbers)
        facts = day_of_facts(number, end + timedelta(days=number - back, seconds=number))
        assert len(post(facts, "bench").posted) == 550

    measure("post a day of 550 facts, in order", post_next, 7)
    measure("post a day of 550 facts, a day late", lambda: post_next(1), 3)
    late = iter(range(1000))

    def post_late(days: int) -> None:
        fact = mined(-days, next(late), end - timedelta(days=days))
        assert post([fact], "bench").posted

    if not is_quick:
        measure("post one fact a month late: 17,000 facts walked again", lambda: post_late(30), 2)
        measure("post one fact a year late: 200,000 facts walked again", lambda: post_late(365), 1)
    dates = iter(range(3, DAYS * 3, 97))

    def some_date() -> datetime:
        return FIRST + timedelta(days=next(dates) % DAYS, hours=13, minutes=7)

    wallet = "Assets:Bitcoin:Wallet:w7"
    measure("balance of one wallet at any instant", lambda: queries.balances(some_date(), wallet))
    measure("what lies where, all wallets and loans, at any instant", lambda: queries.coins(some_date()))
    measure("every account at any instant", lambda: queries.balances(some_date()))
    year = (datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC))
    measure("roll-forward of a year", lambda: queries.rollforward(*year, "none"))
    by_wallet(post_next)
    faults: list[str] = []
    measure("everything held against everything (check)", lambda: faults.extend(check.faults()), 1)
    print(faults or "the books tie")


def by_wallet(post_next: Callable[[int], None]) -> None:
    """The same again once lots belong to wallets."""
    from treasury.books import methods
    from treasury.models import JournalEntry

    last = JournalEntry.objects.order_by("-at").values_list("at", flat=True)[0]
    measure(
        "give every lot to its wallet", lambda: methods.give_lots_to_wallets(last + timedelta(seconds=1), "bench"), 1
    )
    measure("by wallet: post a day of 550 facts, in order", lambda: post_next(-1), 7)
    measure("by wallet: post a day of 550 facts, a day late", lambda: post_next(0), 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true", help="without facts that are a month and a year late")
    chosen = parser.parse_args()
    with database():
        os.environ["DJANGO_SETTINGS_MODULE"] = "cango_ops.settings"
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        call_command("migrate", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0")
        started = time.perf_counter()
        load(chosen.entries)
        print(f"{chosen.entries:,} entries loaded in {time.perf_counter() - started:.0f} s", flush=True)
        measure_all(chosen.quick)
        connection.close()


if __name__ == "__main__":
    main()
