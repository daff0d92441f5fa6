"""Answers of web interfaces: objects within objects, and the pools that stand in them the same way everywhere. Pure."""

from collections.abc import Callable
from typing import Any

from cango_ops.wire import Garbled
from compute.protocols import fields
from compute.protocols.mending import read_json
from compute.protocols.reading import Pool

Tree = dict[str, Any]


def parse_tree(raw: bytes) -> Tree:
    """An object. Raises Garbled."""
    value, _ = read_json(raw)
    if not isinstance(value, dict):
        raise Garbled("not an object")
    return value


def parse_list(raw: bytes) -> list[Any]:
    """A list. Raises Garbled."""
    value, _ = read_json(raw)
    if not isinstance(value, list):
        raise Garbled("not a list")
    return value


def at(tree: Any, *path: str) -> Any:
    """What stands at the end of the path, or None."""
    for key in path:
        if not isinstance(tree, dict):
            return None
        tree = tree.get(key)
    return tree


def flag(name: str) -> Callable[[Tree], bool | None]:
    """Reads a field that is true or false; anything else is not said."""
    return lambda row: row[name] if isinstance(row.get(name), bool) else None


def status_of(*words: str) -> Callable[[Tree], bool | None]:
    """Reads whether `status` is one of the words; None where it says nothing."""
    return lambda row: said.lower() in words if (said := fields.text(row.get("status"))) else None


def silent(row: Tree) -> bool | None:
    """Where nothing tells which pool is in use."""
    return None


def pools_of(
    rows: list[Tree], active: Callable[[Tree], bool | None], *, user: str = "user", within: str = "",
    counts: tuple[str, str] = ("accepted", "rejected"),
) -> list[Pool]:  # fmt: skip
    """The pools that have a URL. within: the object that holds the counts, if they do not stand in the row itself."""
    return [
        Pool(
            url=url,
            user=fields.text(row.get(user)),
            accepted=fields.count(held.get(counts[0])),
            rejected=fields.count(held.get(counts[1])),
            active=active(row),
        )
        for row in rows
        if (url := fields.pool_url(row.get("url"))) is not None
        for held in [fields.table(row.get(within)) if within else row]
    ]
