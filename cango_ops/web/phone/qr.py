"""A text as a QR code: one path of SVG. Pure.

Source: ISO/IEC 18004, by the package qrcode; error correction M (15 %), for labels that get dirty; a quiet zone of four
modules.
"""

from dataclasses import dataclass
from typing import Final

from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

QUIET: Final = 4


@dataclass(frozen=True)
class Drawn:
    """size: of the square, in modules with the quiet zone.   path: its dark modules, row by row."""

    size: int
    path: str


def drawn(text: str) -> Drawn:
    code = QRCode(border=QUIET, error_correction=ERROR_CORRECT_M)
    code.add_data(text)
    code.make()
    rows = code.get_matrix()
    dark = (run for y, row in enumerate(rows) for run in runs(row, y))
    return Drawn(len(rows), "".join(dark))


def runs(row: list[bool], y: int) -> list[str]:
    """The dark modules of a row, those beside each other as one rectangle."""
    found, begin = [], None
    for x, is_dark in enumerate([*row, False]):
        if is_dark and begin is None:
            begin = x
        elif not is_dark and begin is not None:
            found.append(f"M{begin} {y}h{x - begin}v1h{begin - x}z")
            begin = None
    return found
