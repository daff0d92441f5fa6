"""The estate's own record of every command that reached a machine: the judge of what the console says it did.

Only what changes something is written, refused attempts too; questions are not.
"""

from pathlib import Path
from typing import TextIO

import msgspec


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One command as it arrived. at: Unix time. code: what the machine answered, in its dialect's own terms."""

    at: float
    address: str
    port: int
    dialect: str
    command: str
    parameters: str
    code: str


class Journal:
    """Appends entries to a file, one JSON object a line; without a folder it only remembers them."""

    def __init__(self, folder: Path | None = None) -> None:
        self.entries: list[Entry] = []
        self._file: TextIO | None = None
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = (folder / "journal.jsonl").open("a", encoding="utf-8", buffering=1)

    def note(self, entry: Entry) -> None:
        if self._file is None:
            self.entries.append(entry)
        else:
            self._file.write(msgspec.json.encode(entry).decode() + "\n")

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
