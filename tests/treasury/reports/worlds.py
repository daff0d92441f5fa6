"""Drafts for tests that look at everything but the documents: these take the time."""

from treasury.models import Report
from treasury.reports.compose import Material, compose
from treasury.reports.files import kept


def draft_of(material: Material, user) -> Report:
    """Frozen like any other, with stand-ins for its documents."""
    stem = f"cango-{material.month}"
    return kept(
        compose(material),
        {
            f"{stem}.pdf": b"%PDF-1.7 stand-in",
            f"{stem}-fr.pdf": b"%PDF-1.7 en fran\xc3\xa7ais",
            f"{stem}.csv": b"figures",
        },
        user,
    )
