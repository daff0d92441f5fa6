"""What recorded answers say beside what a language asks for. Pure.

A machine of no language known here is read by the names of its fields, those alone that leave nothing to guess: a rate
only with its unit, watts only where they are called so. Of any machine a MAC address that stands anywhere is taken, if
there is no other one.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from cango_ops.wire import Garbled
from compute.protocols import cgminer, fields
from compute.protocols.mending import read_json
from compute.protocols.reading import Pool, Reading
from compute.protocols.talk import judged

MAX_ANSWERS = 64
MAX_OBJECTS = 2_000
MACS = frozenset(("mac", "macaddr", "macaddress", "ethaddr", "hwaddr", "ethernetmac"))
MODELS = ("model", "minermodel", "devicemodel", "minertype", "machinetype", "productname", "product", "hwtype")
FIRMWARES = ("firmware", "firmwareversion", "fwversion", "systemfilesystemversion", "minerversion", "software")
SERIALS = ("serialnumber", "serial", "serialno", "serinum", "minersn", "machinesn", "sn")
UPTIMES = ("uptimeseconds", "uptimes", "uptimesec", "elapsed")
WATTS = ("powerw", "powerwatts", "wattage", "watts", "watt", "powerconsumptionw", "powerusagew", "powerdraww")
RATES = ("hashrate", "hashratenow", "hashratecurrent", "hashraterealtime", "hashrateavg", "hashrateaverage")
UNITS = ("unit", "rateunit", "hashrateunit")
USERS = ("user", "username", "worker", "account")
_RATE_NAME = re.compile(
    r"(?:hashrate)?([kmgtpe]hs)(?:5s|rt|now|1m|5m|av|avg)?|hashrate(?:5s|rt|1m|5m|av|avg)?([kmgtpe]hs?)"
)
_RATE_TEXT = re.compile(r"([\d.,]{1,20})\s*([kmgtpe]h)(?:ash)?(?:es)?/?s", re.IGNORECASE)
_WATT_TEXT = re.compile(r"([\d.,]{1,20})\s*w(?:atts?)?", re.IGNORECASE)
_FAN = re.compile(r"fan(\d{0,2})(?:speed)?rpm(\d{0,2})")

Facts = dict[str, Any]


def added(reading: Reading | None, answers: Mapping[str, bytes]) -> Reading | None:
    """The reading with what else was recorded; where a language read nothing, all that can be read without it."""
    if reading is None or _says_nothing(reading):
        found = _read(list(_objects(answers, alone=True)), list(_objects(answers)))
        if found is not None:
            found.pools = found.pools or (reading.pools if reading else None)
            return found
    if reading is not None and reading.mac is None and reading.gpus is None:
        reading.mac = _mac(_objects(answers))
    return reading


def _says_nothing(reading: Reading) -> bool:
    return not (reading.model or reading.boards or reading.gpus) and reading.hashrate_ths is None


def _objects(answers: Mapping[str, bytes], *, alone: bool = False) -> Iterator[Facts]:
    """The objects of all answers, the outer ones first, by names in lower case without hyphens and blanks.

    alone: without those that stand in a list of several, which speak of parts.
    """
    waiting: deque[Any] = deque()
    for answer in list(answers.values())[:MAX_ANSWERS]:
        try:
            value = read_json(answer)[0]
        except Garbled:
            continue
        if isinstance(value, dict | list):
            waiting.append(value)
    for _ in range(MAX_OBJECTS):
        if not waiting:
            return
        value = waiting.popleft()
        if isinstance(value, list) and len(value) > 1 and alone:
            continue
        if isinstance(value, dict):
            yield {re.sub(r"[\s_-]", "", key[:60].lower()): item for key, item in value.items()}
        within = value.values() if isinstance(value, dict) else value
        waiting.extend([item for item in list(within)[:200] if isinstance(item, dict | list)])


def _mac(objects: Iterator[Facts] | list[Facts]) -> str | None:
    """The one MAC address there is; None where there are several."""
    said = [fields.mac(item.replace(" ", "")) for facts in objects for key, item in facts.items() if _is_mac(key, item)]
    found = {mac.upper(): mac for mac in said if mac}
    return next(iter(found.values())) if len(found) == 1 else None


def _is_mac(key: str, item: Any) -> bool:
    return key in MACS and isinstance(item, str)


def _read(objects: list[Facts], everything: list[Facts]) -> Reading | None:
    """A reading by names alone; None where no name says anything. Pools stand in lists, and MACs anywhere."""
    hashrate = next((rate for facts in objects if (rate := _rate(facts)) is not None), None)
    uptime = fields.seconds(_first(objects, UPTIMES))
    reading = Reading(
        model=fields.text(_first(objects, MODELS)),
        firmware=fields.text(_first(objects, FIRMWARES)),
        mac=_mac(everything),
        serial=_serial(_first(objects, SERIALS)),
        uptime_s=uptime,
        state=cgminer.state_of(hashrate, uptime),
        hashrate_ths=hashrate,
        power_w=_watts(objects),
        fans_rpm=next((fans for facts in objects if (fans := _fans(facts))), None),
        pools=[pool for facts in everything if (pool := _pool(facts)) is not None][:16] or None,
        notes=["read by the names of its fields alone"],
    )
    told = (reading.model, reading.mac, reading.serial, reading.hashrate_ths, reading.power_w, reading.pools)
    return judged(reading, partial=True) if any(item is not None for item in told) else None


def _serial(said: Any) -> str | None:
    """The serial number; noughts stand where there is none."""
    text = fields.text(said)
    return text if text and set(text) != {"0"} else None


def _first(objects: list[Facts], names: tuple[str, ...]) -> Any:
    """The first plain value under the best of the names."""
    found = (facts[name] for name in names for facts in objects if name in facts)
    return next((item for item in found if isinstance(item, str | int | float) and fields.text(item)), None)


def _rate(facts: Facts) -> float | None:
    """A rate whose unit stands in its name, beside it or behind it."""
    beside = next((facts[name] for name in UNITS if isinstance(facts.get(name), str)), None)
    for key, item in facts.items():
        named = _RATE_NAME.fullmatch(key)
        text = _RATE_TEXT.fullmatch(item.strip()) if isinstance(item, str) else None
        if named:
            rate = fields.ths(item, (named[1] or named[2]).upper())
        elif key not in RATES:
            continue
        else:
            rate = fields.ths(text[1], text[2].upper()) if text else fields.ths(item, beside) if beside else None
        if rate is not None:
            return rate
    return None


def _watts(objects: list[Facts]) -> float | None:
    said = fields.watts(_first(objects, WATTS))
    texts = (str(facts.get("power", facts.get("powerconsumption", ""))).strip() for facts in objects)
    named = (found[1] for text in texts if (found := _WATT_TEXT.fullmatch(text)))
    return fields.watts(next(named, None)) if said is None else said


def _fans(facts: Facts) -> list[int]:
    speeds = [fields.rpm(item) for key, item in facts.items() if _FAN.fullmatch(key)]
    return [speed for speed in speeds if speed is not None]


def _pool(facts: Facts) -> Pool | None:
    url, user = fields.text(facts.get("url")), next((facts[name] for name in USERS if name in facts), None)
    if url is None or user is None:
        return None
    active = facts.get("active", facts.get("stratumactive"))
    return Pool(
        url=url,
        user=fields.text(user),
        accepted=fields.count(facts.get("accepted")),
        rejected=fields.count(facts.get("rejected")),
        active=active if isinstance(active, bool) else None,
    )
