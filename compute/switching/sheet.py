"""Columns and rows of a linear model as arrays, ready for HiGHS. Maximises the sum of gain x column.

The same column must not be put twice into one row: HiGHS refuses the whole model then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from compute.switching.inputs import Floats

Places: TypeAlias = NDArray[np.int64]
Values: TypeAlias = Floats | float
INFINITE = float("inf")


@dataclass(frozen=True, eq=False)
class Arrays:
    """A model by rows: starts and columns index values, whole marks integer columns."""

    gain: Floats
    offset: float
    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    starts: NDArray[np.int32]
    columns: NDArray[np.int32]
    values: Floats
    whole: NDArray[np.int32]


class Sheet:
    """Grows by columns, rows and entries; `arrays()` closes it."""

    def __init__(self) -> None:
        self.offset = 0.0
        self._columns: list[Sequence[NDArray]] = []
        self._rows: list[Sequence[NDArray]] = []
        self._entries: list[Sequence[NDArray]] = []
        self._width = self._height = 0

    def columns(
        self,
        shape: int | tuple[int, int],
        *,
        gain: Values = 0.0,
        lower: Values = 0.0,
        upper: Values,
        whole: bool = False,
    ) -> Places:
        """The places of new columns, in the shape asked for."""
        parts = [np.broadcast_to(np.asarray(part, dtype=float), shape).ravel() for part in (gain, lower, upper)]
        size = parts[0].size
        self._columns.append([*parts, np.full(size, int(whole), dtype=np.int32)])
        places = np.arange(self._width, self._width + size).reshape(shape)
        self._width += size
        return places

    def rows(self, count: int, *, lower: Values = -INFINITE, upper: Values = INFINITE) -> Places:
        """The places of new rows."""
        sides = [np.broadcast_to(np.asarray(part, dtype=float), count) for part in (lower, upper)]
        self._rows.append(sides)
        places = np.arange(self._height, self._height + count)
        self._height += count
        return places

    def put(self, rows: Places, columns: Places, values: Values) -> None:
        """Puts values where rows and columns, broadcast against each other, meet."""
        row, column, value = np.broadcast_arrays(rows, columns, np.asarray(values, dtype=float))
        self._entries.append((row.ravel(), column.ravel(), value.ravel()))

    def arrays(self) -> Arrays:
        gain, lower, upper, whole = joined(self._columns, 4)
        row_lower, row_upper = joined(self._rows, 2)
        row, column, value = joined(self._entries, 3)
        order = np.argsort(row, kind="stable")
        starts = np.zeros(self._height + 1, dtype=np.int32)
        np.cumsum(np.bincount(row.astype(np.int64), minlength=self._height), out=starts[1:])
        return Arrays(
            gain=gain,
            offset=self.offset,
            lower=lower,
            upper=upper,
            row_lower=row_lower,
            row_upper=row_upper,
            starts=starts,
            columns=column[order].astype(np.int32),
            values=value[order],
            whole=whole.astype(np.int32),
        )


def joined(parts: list[Sequence[NDArray]], width: int) -> list[NDArray]:
    """Each of the parts' arrays in one piece."""
    return [np.concatenate([part[at] for part in parts]) if parts else np.zeros(0) for at in range(width)]
