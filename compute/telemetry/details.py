"""All that the machines of one container said: the last inspection of each and, where newer, the last poll. Pure.

Merging is free of order: the later inspection and the later poll of every place stay, and a poll that is not newer
than the inspection goes.
"""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
import zstandard

from compute.protocols.reading import Reading
from compute.telemetry.codec import UnknownFormat
from compute.telemetry.polled import Polled

LEVEL: Final = 1
LARGEST_BYTES: Final = 64 << 20
# Who a machine is, an inspection asks in more places than a poll does, and reads more exactly.
IDENTITY: Final = ("vendor", "model", "firmware", "mac", "serial")


class Detail(msgspec.Struct, array_like=True, frozen=True):
    """One place. Times are unix seconds, 0 where there was none; readings are msgpack."""

    device_id: int
    full_at: float = 0.0
    full: bytes = b""
    poll_at: float = 0.0
    poll: bytes = b""


Details = dict[int, Detail]  # by slot
_decoder = msgspec.msgpack.Decoder(Details)


def opened(body: bytes) -> Details:
    try:
        return _decoder.decode(zstandard.ZstdDecompressor().decompress(body, max_output_size=LARGEST_BYTES))
    except (zstandard.ZstdError, msgspec.MsgspecError) as error:
        raise UnknownFormat(f"no details: {error}") from None


def packed(details: Details) -> bytes:
    in_order = {slot: details[slot] for slot in sorted(details)}
    return zstandard.ZstdCompressor(level=LEVEL).compress(msgspec.msgpack.encode(in_order))


def of_polls(polls: Iterable[Polled]) -> Details:
    found: Details = {}
    for poll in polls:
        at, body = float(poll.observed_at), encoded(poll.reading)
        one = Detail(poll.device_id, at, body) if poll.full else Detail(poll.device_id, 0.0, b"", at, body)
        found[poll.slot] = merged(found[poll.slot], one) if poll.slot in found else one
    return found


def encoded(said: Reading | None) -> bytes:
    try:
        return msgspec.msgpack.encode(said)
    except UnicodeEncodeError:  # half a character, out of a machine's own JSON
        return msgspec.msgpack.encode(whole_characters(msgspec.to_builtins(said)))


def whole_characters(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {key: whole_characters(one) for key, one in value.items()}
    return [whole_characters(one) for one in value] if isinstance(value, list) else value


def merge(old: Details, new: Details) -> Details:
    return old | {slot: merged(old[slot], one) if slot in old else one for slot, one in new.items()}


def merged(one: Detail, other: Detail) -> Detail:
    """Where another machine stands in the place now, the one heard later is kept whole."""
    if one.device_id != other.device_id:
        return max(one, other, key=lambda detail: (max(detail.full_at, detail.poll_at), detail.device_id))
    full_at, full = max((one.full_at, one.full), (other.full_at, other.full))
    poll_at, poll = max((one.poll_at, one.poll), (other.poll_at, other.poll))
    if poll_at <= full_at:
        poll_at, poll = 0.0, b""
    return Detail(one.device_id, full_at, full, poll_at, poll)


def reading(detail: Detail) -> tuple[dict[str, Any], float]:
    """The inspection, overlaid with what the newer poll said but for who it is; and when the newer of them was."""
    full: dict[str, Any] = msgspec.msgpack.decode(detail.full) if detail.full else {}
    poll: dict[str, Any] = msgspec.msgpack.decode(detail.poll) if detail.poll else {}
    said = {name: value for name, value in poll.items() if value is not None or name not in full}
    said |= {name: full[name] for name in IDENTITY if full.get(name) is not None}
    return full | said, max(detail.full_at, detail.poll_at)


assert Reading.__struct_config__.tag is None  # a plain map, so that two readings overlay
