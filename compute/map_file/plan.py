"""What the lines of a file mean: containers and their machines as planned, or what is wrong with them. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

import msgspec

from cango_ops.base.switchboard.reach import place_of
from compute.map_file.text import MOST_WRONG, Line, Wrong
from compute.protocols import ADAPTERS, catalog, fields
from compute.site_map import RESERVED, PlannedContainer, PlannedDevice

KINDS: Final = ("asic", "gpu", "mixed")
MOST_SIDE: Final = 1000
MOST_NAMED: Final = 20
CODE: Final = re.compile(r"[-A-Za-z0-9_]{1,16}")
T = TypeVar("T")


class Box(msgspec.Struct, frozen=True):
    """A container's shape."""

    kind: str
    rows: int
    columns: int


class Place(msgspec.Struct, frozen=True):
    """A machine as it stands on the map, or as a line wants it."""

    container: str
    slot: int
    address: str
    port: int
    language: str
    model: str = ""
    serial: str = ""
    mac: str = ""


@dataclass
class Planned:
    """wrong: what keeps the file from being applied.   notes: what somebody should know all the same."""

    boxes: dict[str, Box] = field(default_factory=dict)
    places: dict[tuple[str, int], Place] = field(default_factory=dict)
    lines: dict[tuple[str, int], int] = field(default_factory=dict)
    wrong: list[Wrong] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def containers(self) -> list[PlannedContainer]:
        by_box = in_boxes(self.places.values())
        return [
            PlannedContainer(code, box.kind, box.rows, box.columns, [
                PlannedDevice(one.slot, one.address, one.port, one.language, one.model, one.serial, one.mac)
                for one in by_box.get(code, [])
            ])
            for code, box in self.boxes.items()
        ]  # fmt: skip


def in_boxes(places: Iterable[Place]) -> dict[str, list[Place]]:
    """The machines by the code of their container, in their order."""
    found: dict[str, list[Place]] = {}
    for one in places:
        found.setdefault(one.container, []).append(one)
    return found


class Refused(ValueError):
    """Why a cell cannot be."""


def planned(
    lines: Sequence[Line],
    boxes: Mapping[str, Box],
    standing: Mapping[tuple[str, int], Place],
    refusal: Callable[[str, int], str],
) -> Planned:
    """boxes, standing: of the map now; a column that the file lacks keeps them.   refusal: why an address may not be
    asked at a port, or empty."""
    found = Planned()
    for line in lines:
        if len(found.wrong) >= MOST_WRONG:
            found.wrong.append(Wrong(0, "", f"more than {MOST_WRONG} things are wrong; these are the first."))
            return found
        cells = Cells(line, found.wrong)
        code = cells.read("container", code_of, "")
        box = box_of(cells, boxes.get(code or ""), found.boxes.get(code or ""))
        if code and box:
            found.boxes[code] = box
            if line.cells["slot"] or line.cells["address"]:
                take_place(found, cells, code, box, standing, refusal)
    report_twins(found)
    return found


class Cells:
    """Reads the cells of one line, and notes what is wrong with them."""

    def __init__(self, line: Line, wrong: list[Wrong]) -> None:
        self.line = line
        self.wrong = wrong

    def read(self, name: str, parse: Callable[[str], T], absent: T) -> T | None:
        """absent: where the file has no such column.   None where the cell cannot be; the reason is noted."""
        if name not in self.line.cells:
            return absent
        try:
            return parse(self.line.cells[name])
        except Refused as why:
            self.refuse(name, str(why))
            return None

    def refuse(self, name: str, words: str) -> None:
        self.wrong.append(Wrong(self.line.number, name, words))


def box_of(cells: Cells, standing: Box | None, before: Box | None) -> Box | None:
    """The container's shape: as an earlier line said, else of the map, where this line leaves it open."""
    known = before or standing or Box("", 0, 0)
    kind = cells.read("kind", lambda text: kind_of(text) if text else known.kind, known.kind)
    rows = cells.read("rows", lambda text: side_of(text) if text else known.rows, known.rows)
    columns = cells.read("columns", lambda text: side_of(text) if text else known.columns, known.columns)
    if kind is None or rows is None or columns is None:
        return None
    if not (kind and rows and columns):
        cells.refuse("container", "is new: give its kind, rows and columns.")
        return None
    box = Box(kind, rows, columns)
    if before is not None and before != box:
        cells.refuse("container", "an earlier line gives it another kind, rows or columns.")
        return None
    return box


def take_place(
    found: Planned,
    cells: Cells,
    code: str,
    box: Box,
    standing: Mapping[tuple[str, int], Place],
    refusal: Callable[[str, int], str],
) -> None:
    slot = cells.read("slot", lambda text: number_of(text, box.rows * box.columns, "slot"), 0)
    address = cells.read("address", address_of, "")
    port = cells.read("port", lambda text: number_of(text, 65535, "port"), 0)
    language = cells.read("language", language_of, "")
    now = standing.get((code, slot or 0))
    model = cells.read("model", model_of, now.model if now else "")
    serial = cells.read("serial", serial_of, "")
    mac = cells.read("mac", mac_of, "")
    if not (slot and address and port and language) or model is None or serial is None or mac is None:
        return
    if why := refusal(address, port):
        cells.refuse("address", f"{address} {why}.")
        return
    key = (code, slot)
    if key in found.places:
        cells.refuse("slot", f"{code}/{slot} stands on line {found.lines[key]} already.")
        return
    if model and catalog.find(model) is None:
        found.notes.append(f"Line {cells.line.number}: the catalog knows no {model}, so the place has no nameplate.")
    found.places[key] = Place(code, slot, address, port, language, model, serial, mac)
    found.lines[key] = cells.line.number


def report_twins(found: Planned) -> None:
    """Addresses and serial numbers are of one machine; a MAC may be shared, and then tells nothing."""
    for column, name in (("address", lambda one: (one.address, one.port)), ("serial", lambda one: one.serial.upper())):
        first: dict[object, int] = {}
        for key, one in found.places.items():
            value, line = name(one), found.lines[key]
            if value and value in first:
                found.wrong.append(Wrong(line, column, f"stands on line {first[value]} already."))
            first.setdefault(value, line)
    shown: dict[str, list[int]] = {}
    for key, one in found.places.items():
        if one.mac:
            shown.setdefault(one.mac, []).append(found.lines[key])
    for mac, lines in shown.items():
        if len(lines) > 1:
            where = ", ".join(map(str, lines[:MOST_NAMED])) + (", ..." if len(lines) > MOST_NAMED else "")
            found.notes.append(f"Lines {where} share the MAC {mac}: it is not used to tell these machines apart.")


def code_of(text: str) -> str:
    if not CODE.fullmatch(text):
        raise Refused("expected a code of 1 to 16 letters, digits, - and _.")
    if text.lower() in RESERVED:
        raise Refused(f"{text} is a word of the console; name the container otherwise.")
    return text


def kind_of(text: str) -> str:
    if text not in KINDS:
        raise Refused(f"expected one of {', '.join(KINDS)}.")
    return text


def side_of(text: str) -> int:
    return number_of(text, MOST_SIDE, "number")


def number_of(text: str, highest: int, what: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 0
    if not 0 < number <= highest:
        raise Refused(f"expected a {what} from 1 to {highest}.")
    return number


def address_of(text: str) -> str:
    place = place_of(text)
    if place is None or place[0] != 32:
        raise Refused("expected an IPv4 address such as 10.20.0.7.")
    return text


def language_of(text: str) -> str:
    if text not in ADAPTERS:
        raise Refused(f"{text[:32] or 'nothing'} is no language; known are {', '.join(sorted(ADAPTERS))}.")
    return text


def model_of(text: str) -> str:
    return shorter_than(64, text)


def serial_of(text: str) -> str:
    return shorter_than(64, text)


def mac_of(text: str) -> str:
    mac = fields.mac(text) if text else ""
    if mac is None:
        raise Refused("expected a MAC address such as 02:00:00:00:00:01.")
    return mac


def shorter_than(most: int, text: str) -> str:
    if len(text) > most:
        raise Refused(f"longer than {most} characters.")
    return text
