"""Says that something changed: bumps the topic's number in the writing transaction, wakes browsers once it commits.

The number in PostgreSQL is the truth; the message through Redis only saves the listeners their next look at it.
"""

from collections.abc import Iterable
from functools import partial

from django.db import connection, transaction

from cango_ops.live.wake import wake

# A number never falls below the clock's milliseconds: after a database was made anew or restored, a browser that
# was left open still sees numbers grow. Topics are bumped in the order of their names, so publishers cannot deadlock.
BUMP = """
INSERT INTO live_livetopic AS topic (topic, seq, changed_at)
SELECT name, (extract(epoch FROM clock_timestamp()) * 1000)::bigint, clock_timestamp()
FROM unnest(%s::text[]) WITH ORDINALITY AS names (name, place) ORDER BY place
ON CONFLICT (topic) DO UPDATE SET seq = greatest(topic.seq + 1, excluded.seq), changed_at = clock_timestamp()
RETURNING topic, seq
"""


def publish(*topics: str) -> None:
    """Bumps the topics ("fleet", "site/PECOS", "container/17"), as the last step of the transaction, in one call.

    The rows stay locked until the transaction ends, so what comes after this call holds up other publishers.
    """
    if not topics:
        return
    with transaction.atomic():
        changed = bump(sorted(set(topics)))
        transaction.on_commit(partial(wake, changed))


def bump(topics: Iterable[str]) -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(BUMP, [list(topics)])
        return cursor.fetchall()
