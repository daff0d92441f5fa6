"""What subscribers are told of a published report: a mail with the release, or JSON for a program. Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from treasury.reports.snapshot import Snapshot
from treasury.reports.words import word
from treasury.reports.writer import document

TYPE: Final = "report.published"


@dataclass(frozen=True)
class Release:
    """A published version. files: (name, size, SHA-256).   url: of its page, with a slash at the end."""

    snapshot: Snapshot
    version: int
    sha256: str
    published_at: datetime
    files: Sequence[tuple[str, int, str]]
    url: str


def subject(release: Release, language: str) -> str:
    """One line, whatever stands in the title."""
    return " ".join(document(release.snapshot, language).title.split())[:200]


def text(release: Release, language: str) -> str:
    told = document(release.snapshot, language)
    tiles = "\n".join(f"{name}{told.labels['colon']}{figure} {unit}".rstrip() for name, figure, unit in told.tiles)
    stem = f"cango-{release.snapshot.month}-{language}.pdf"
    is_translated = language == "en" or any(name == stem for name, _, _ in release.files)
    attached = word("mail_attached" if is_translated else "mail_attached_english", language)
    proof = f"{told.labels['snapshot_line']}{told.labels['colon']}{release.sha256}\n{release.url}\n"
    return "\n\n".join((told.title, told.lead, tiles, attached, proof))


def body(release: Release, message_id: str) -> bytes:
    """The same bytes at every attempt of one message."""
    files = [
        {"name": name, "size": size, "sha256": digest, "url": f"{release.url}files/{name}"}
        for name, size, digest in release.files
    ]
    told = {
        "type": TYPE,
        "timestamp": release.published_at.isoformat(),
        "data": {
            "month": release.snapshot.month, "version": release.version, "sha256": release.sha256,
            "url": release.url, "files": files, "figures": figures(release.snapshot),
        },
        "message_id": message_id,
    }  # fmt: skip
    return json.dumps(told, separators=(",", ":"), ensure_ascii=True).encode()


def figures(snapshot: Snapshot) -> dict[str, str | None]:
    """The main ones, as shown; None where one is not reported."""
    return {
        line.code: None if line.this.shown is None else str(line.this.shown) for line in snapshot.lines if line.is_main
    }
