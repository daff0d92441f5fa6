"""The snapshot itself as JSON: its bytes have the hash that every other document prints."""

from treasury.reports.snapshot import Snapshot, canonical


def render(snapshot: Snapshot) -> bytes:
    return canonical(snapshot)
