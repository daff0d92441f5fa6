"""What the error codes of a Whatsminer mean, and the many ways the firmware lists them.

Source: MicroBT's error code table as its API documents print it; a code that is not here keeps its number.
"""

from typing import Any

from compute.protocols import fields
from compute.protocols.reading import Fault

MAX_FAULTS = 64

MEANINGS = {
    110: "Intake fan speed error.",
    111: "Exhaust fan speed error.",
    120: "Intake fan speed error: deviation over 2000 rpm.",
    121: "Exhaust fan speed error: deviation over 2000 rpm.",
    130: "Intake fan speed error: deviation over 3000 rpm.",
    131: "Exhaust fan speed error: deviation over 3000 rpm.",
    140: "Fan speed is too high.",
    200: "No power supply found.",
    201: "Power supply does not match the configuration.",
    202: "Power output voltage error.",
    203: "Power protecting: environment temperature too high.",
    204: "Power current protecting: environment temperature too high.",
    205: "Power current error.",
    206: "Power input voltage is low.",
    207: "Power input current protecting: bad input.",
    210: "Power error.",
    213: "Power input does not match output power.",
    216: "Power draw did not change for a long time.",
    217: "Power set-enable error.",
    218: "Power input voltage is lower than 230V for high power mode.",
    233: "Power output over-temperature protection.",
    236: "Power output over-current protection.",
    239: "Power output over-voltage protection.",
    240: "Power output low-voltage protection.",
    241: "Power output current imbalance.",
    243: "Power input over-temperature protection.",
    246: "Power input over-current protection.",
    249: "Power input over-voltage protection.",
    250: "Power input low-voltage protection.",
    253: "Power fan error.",
    254: "Power fan error.",
    255: "Power output over-power protection.",
    257: "Power input over-current on the primary side.",
    263: "Power communication warning.",
    264: "Power communication error.",
    265: "Power unknown error.",
    266: "Power unknown error.",
    267: "Power watchdog protection.",
    268: "Power output over-current protection.",
    269: "Power input over-current protection.",
    270: "Power input over-voltage protection.",
    271: "Power input under-voltage protection.",
    272: "Power output over-current warning.",
    273: "Power input over-power warning.",
    274: "Power remote shut-down.",
    329: "Control board temperature cannot be read.",
    360: "Hash board overheats.",
    510: "Hash board and miner types do not match.",
    600: "Environment temperature is too high.",
    610: "Environment temperature is too high for high performance mode.",
    701: "Control board does not support the chip.",
    710: "Control board restarted after an exception.",
    712: "Control board restarted after an exception.",
    800: "Checksum of the mining program is wrong.",
    801: "Library not found.",
    2000: "No pool is configured.",
    2010: "All pools are disabled.",
    2020: "Pool 0 cannot be reached.",
    2021: "Pool 1 cannot be reached.",
    2022: "Pool 2 cannot be reached.",
    2030: "Pool rejects too many shares.",
    2040: "Pool does not support asicboost.",
    2310: "Hashrate is too low.",
    2320: "Hashrate is too low.",
    2340: "Hashrate loss is too high.",
    2350: "Hashrate loss is too high.",
    8410: "Software version error.",
    100001: "Anti-virus signature is wrong.",
    100002: "Anti-virus process is missing.",
}
# Families of codes whose last digit is the slot.
BY_SLOT = {
    30: "Slot {} temperature sensor not found.",
    32: "Slot {} temperature cannot be read.",
    35: "Slot {} temperature protecting.",
    41: "Slot {} board memory not found.",
    42: "Slot {} board memory cannot be read.",
    43: "Slot {} chip bin error.",
    44: "Slot {} board memory of chips cannot be read.",
    45: "Slot {} board memory transfer error.",
    46: "Slot {} board memory transfer error.",
    53: "Slot {} not found.",
    54: "Slot {} error reading chip id.",
    55: "Slot {} has bad chips.",
    56: "Slot {} loss of balance.",
    503: "Slot {} voltage abnormal.",
    507: "Slot {} water speed is abnormal.",
    511: "Slot {} frequency step-up timed out.",
}


def meaning(code: int) -> str | None:
    """What the code means, or None for one that is not in the table."""
    family, slot = divmod(code, 10)
    return MEANINGS.get(code) or (BY_SLOT[family].format(slot) if family in BY_SLOT and slot < 8 else None)


def fault(code: int, reason: str | None = None) -> Fault:
    return Fault(code=str(code), message=meaning(code) or reason)


def _reason(entry: Any, value: Any) -> str | None:
    """The firmware's own words: "reason", or the value where it is a sentence and not a date."""
    said = fields.text(entry.get("reason")) if isinstance(entry, dict) else None
    words = fields.text(value)
    return words if words and not words[0].isdigit() else said


def read_codes(listed: Any) -> list[Fault]:
    """The faults of an error list: numbers, "2010", {"541": when, "reason": ..}; junk and words are passed over."""
    found: dict[int, str | None] = {}
    for entry in fields.sequence(listed, MAX_FAULTS * 4):
        pairs = list(entry.items())[:8] if isinstance(entry, dict) else [(entry, None)]
        for said, value in pairs:
            code = fields.count(said) if not isinstance(said, bool) else None
            if code and code < 1_000_000:
                found.setdefault(code, _reason(entry, value))
    return [fault(code, found[code]) for code in list(found)[:MAX_FAULTS]]


def read_summary_codes(row: dict[str, Any]) -> list[Fault] | None:
    """The faults of `Error Code 0`, `Error Code 1`, .. of a v1 or v2 summary; None where it says nothing of errors."""
    number = fields.count(row.get("Error Code Count"))
    if number is None:
        return None
    return read_codes([row.get(f"Error Code {at}") for at in range(min(number, MAX_FAULTS))])
