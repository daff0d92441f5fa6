"""A plan's inputs and the plan itself as bytes that give exactly the same numbers back. Pure.

Schema switch-site/1 is the engine's Site field by field; floats are written so that they read back to the last bit.
"""

import hashlib
import zlib
from typing import Any

import msgspec
import numpy as np

from compute.switching.inputs import Site
from compute.switching.plan import Plan

SCHEMA = "switch-site/1"
MOST_BYTES = 20_000_000


class Unreadable(ValueError):
    """These bytes are no frozen site or plan."""


def frozen_site(site: Site) -> bytes:
    """The same site always gives the same bytes: what counts as 100 is written as 100.0 wherever a float belongs."""
    plain = converted(unpacked(packed(site)), Site)
    return packed({"schema": SCHEMA, "site": plain})


def thawed_site(data: bytes | memoryview) -> Site:
    """The site that was frozen. Raises Unreadable."""
    raw = unpacked(data)
    if raw.get("schema") != SCHEMA:
        raise Unreadable(f"schema is {str(raw.get('schema'))[:40]!r}, not {SCHEMA!r}")
    return converted(raw["site"], Site)


def frozen_plan(plan: Plan) -> bytes:
    return packed(plan)


def thawed_plan(data: bytes | memoryview) -> Plan:
    """The plan that was frozen. Raises Unreadable."""
    return converted(unpacked(data), Plan)


def digest(data: bytes) -> str:
    """SHA-256 of the JSON inside, so that another way of compressing changes nothing."""
    return hashlib.sha256(inflated(data)).hexdigest()


def packed(value: Any) -> bytes:
    return zlib.compress(msgspec.json.encode(value, enc_hook=as_list, order="deterministic"), 6)


def as_list(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    raise NotImplementedError(type(value).__name__)


def inflated(data: bytes | memoryview) -> bytes:
    try:
        return zlib.decompressobj().decompress(bytes(data), MOST_BYTES)
    except zlib.error as why:
        raise Unreadable(str(why)) from why


def unpacked(data: bytes | memoryview) -> Any:
    try:
        return msgspec.json.decode(inflated(data))
    except msgspec.DecodeError as why:
        raise Unreadable(str(why)) from why


def converted(value: Any, shape: Any) -> Any:
    try:
        return msgspec.convert(value, shape, dec_hook=as_array)
    except (msgspec.MsgspecError, TypeError, ValueError, KeyError) as why:
        raise Unreadable(str(why)) from why


def as_array(shape: Any, value: Any) -> Any:
    """Whatever the engine's inputs hold beside plain values is an array: of flags, or of numbers."""
    flags = bool(value) and all(isinstance(each, bool) for each in value)
    return np.array(value, dtype=bool if flags else float)
