"""Keeps how the machines answered: one row per site, language and hour, added up in one statement per sweep."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import connection

from compute.models import LanguageHour
from compute.protocols.answer_times import Tally

KEEP: Final = timedelta(days=8)
Tallies = Mapping[tuple[int, str], Tally]

ADD = """
INSERT INTO language_hour AS old (site_id, language, hour_at, asked, answered, histogram, failure, failed_at)
SELECT site.id, new.language, date_trunc('hour', new.at), new.asked, new.answered, new.histogram::int[], new.failure,
    new.failed_at
FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::int[], %s::int[], %s::text[], %s::text[],
    %s::timestamptz[]) AS new (site_id, language, at, asked, answered, histogram, failure, failed_at)
JOIN sites_site AS site ON site.id = new.site_id
ON CONFLICT (site_id, language, hour_at) DO UPDATE
SET asked = old.asked + excluded.asked,
    answered = old.answered + excluded.answered,
    histogram = ARRAY(
        SELECT a + b FROM unnest(old.histogram, excluded.histogram) WITH ORDINALITY AS pair (a, b, place) ORDER BY place
    ),
    failure = CASE WHEN excluded.failed_at IS NULL THEN old.failure ELSE excluded.failure END,
    failed_at = coalesce(excluded.failed_at, old.failed_at)
"""


def keep(tallies: Tallies, at: float) -> None:
    """Adds the tallies of a sweep. A site that is gone is left out."""
    if not tallies:
        return
    moment = datetime.fromtimestamp(at, UTC)
    rows = list(tallies.items())
    failed = [None if tally.failed_at is None else datetime.fromtimestamp(tally.failed_at, UTC) for _, tally in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            ADD,
            [
                [site_id for (site_id, _), _ in rows],
                [language for (_, language), _ in rows],
                [moment] * len(rows),
                [tally.asked for _, tally in rows],
                [tally.answered for _, tally in rows],
                ["{" + ",".join(map(str, tally.histogram)) + "}" for _, tally in rows],
                [tally.failure.replace("\x00", " ") for _, tally in rows],
                failed,
            ],
        )


def forget(now: datetime) -> int:
    """How many rows past their keeping were forgotten."""
    return LanguageHour.objects.filter(hour_at__lt=now - KEEP).delete()[0]
