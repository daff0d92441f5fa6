"""What one poll of one machine came to: the collector makes these, the store writes them. Pure."""

from dataclasses import dataclass

from compute.protocols.reading import Reading

GARBLED = "garbled"


@dataclass(frozen=True, slots=True)
class Polled:
    """One poll. Either `reading` or `failure` is set; observed_at is when the answer (or its absence) was known.

    failure: one of wire.REASONS, or "garbled".   full: the reading is of an inspection, with all the machine can say.
    """

    device_id: int
    container_id: int
    slot: int
    observed_at: float
    reading: Reading | None = None
    failure: str | None = None
    full: bool = False
