"""The names that a machine was born with: MAC addresses, serial numbers. Pure."""

from cango_ops.estate.chance import word
from cango_ops.estate.machine import Machine


def mac(machine: Machine) -> str:
    """A locally administered address, so that it can be nobody's real one."""
    return "02:" + (word(machine.key, 90) >> 24).to_bytes(5, "big").hex(":").upper()


def serial(machine: Machine, prefix: str = "") -> str:
    """prefix: what tells the parts of a machine apart; the rest is the same on all of them."""
    return f"{prefix}{word(machine.key, 91) >> 16:012X}"


def dna(machine: Machine) -> str:
    """What Avalon calls its machines' own number."""
    return f"{word(machine.key, 92):016x}"
