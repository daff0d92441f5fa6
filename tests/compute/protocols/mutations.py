"""Ways in which bytes of machines go wrong, drawn from a seeded generator so that a failure can be repeated."""

import json
import random
from collections.abc import Callable
from typing import Any

ODD_VALUES: tuple[Any, ...] = (
    None, True, False, -1, 0, 10**400, -(10**30), 1e308, "", "x" * 5000, "\x00\ud800", "-", "N/A", "1,2,3", [], {},
    [[]], [None], {"a": {}}, "inf", "nan", [1, "2", {}], 9223372036854775794, "1e400", "ooxo", "0-0-0-0", 3.5,
)  # fmt: skip
ODD_BYTES = (
    b"", b"\x00", b"\xff\xfe", b"{", b"}", b"[", b"]", b'"', b",", b":", b"}{", b"[,{", b",}", b"nan", b"-inf", b"|",
    b"NaN", b"\\", b"\\u", b"\xed\xa0\x80", b"9" * 500, b"[" * 3000, b'{"a":' * 2000, b"=", b"#", b"\n", b"<", b"{}",
    b"1e400",
)  # fmt: skip


def mutate(answer: bytes, draw: random.Random) -> bytes:
    """`answer` with one to three things wrong."""
    for _ in range(draw.randint(1, 3)):
        answer = draw.choice(KINDS)(answer, draw)
    return answer


def _cut(answer: bytes, draw: random.Random) -> bytes:
    return answer[: draw.randint(0, len(answer))]


def _insert(answer: bytes, draw: random.Random) -> bytes:
    at = draw.randint(0, len(answer))
    return answer[:at] + draw.choice(ODD_BYTES) + answer[at:]


def _replace(answer: bytes, draw: random.Random) -> bytes:
    at = draw.randint(0, len(answer))
    return answer[:at] + draw.choice(ODD_BYTES) + answer[at + draw.randint(0, 40) :]


def _flip(answer: bytes, draw: random.Random) -> bytes:
    out = bytearray(answer)
    for _ in range(draw.randint(1, 8)):
        if out:
            out[draw.randrange(len(out))] = draw.randrange(256)
    return bytes(out)


def _repeat(answer: bytes, draw: random.Random) -> bytes:
    at, size = draw.randint(0, len(answer)), draw.randint(0, 200)
    return answer[:at] + answer[at : at + size] * draw.randint(2, 20) + answer[at:]


def _odd_value(answer: bytes, draw: random.Random) -> bytes:
    """One value of the JSON, any one, of another kind."""
    try:
        tree = json.loads(answer)
    except (ValueError, RecursionError):
        return answer
    places: list[tuple[Any, Any]] = []
    _walk(tree, places)
    if not places:
        return answer
    holder, key = draw.choice(places)
    holder[key] = draw.choice(ODD_VALUES)
    return json.dumps(tree).encode("utf-8", "replace")


def _walk(tree: Any, places: list[tuple[Any, Any]]) -> None:
    keys = list(tree) if isinstance(tree, dict) else list(range(len(tree))) if isinstance(tree, list) else []
    for key in keys:
        places.append((tree, key))
        _walk(tree[key], places)


def _odd_word(answer: bytes, draw: random.Random) -> bytes:
    """One number of a text, any one, as something else."""
    words = answer.split(b" ")
    words[draw.randrange(len(words))] = draw.choice((b"", b"nan", b"-1", b"1e999", b"9" * 60, b"x[", b"]", b"N/A"))
    return b" ".join(words)


KINDS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _cut,
    _insert,
    _replace,
    _flip,
    _repeat,
    _odd_value,
    _odd_value,
    _odd_value,
    _odd_word,
)
