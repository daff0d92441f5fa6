"""What is part of what: while a site's link is lost its other alerts belong to that one, and nobody is told of them."""

from collections.abc import Collection
from typing import Final

from django.db import connection

# The covering alert of each site, and every alert under it that is not marked so yet; and those whose cover has ended.
COVER: Final = """
WITH cover AS (
    SELECT site_id, min(id) AS id FROM alerts_alert
    WHERE rule = ANY(%s) AND state IN ('firing', 'acknowledged') GROUP BY site_id
), wanted AS (
    SELECT alert.id, cover.id AS cover_id
    FROM alerts_alert AS alert LEFT JOIN cover ON cover.site_id = alert.site_id
    WHERE alert.rule = ANY(%s) AND alert.state <> 'resolved'
)
UPDATE alerts_alert AS alert SET covered_by_id = wanted.cover_id FROM wanted
WHERE alert.id = wanted.id AND alert.covered_by_id IS DISTINCT FROM wanted.cover_id
"""


def cover(covering: Collection[str], under: Collection[str]) -> int:
    """Marks what is part of a covering alert, and frees what is not any more; how many changed. Part of a
    transaction."""
    with connection.cursor() as cursor:
        cursor.execute(COVER, [list(covering), list(under)])
        return cursor.rowcount
