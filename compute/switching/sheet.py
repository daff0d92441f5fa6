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
    """Grows by columns, rows and entries; `arrays()` closes it.

    like: a model of the same shape whose entries hold here too, so that only gains and limits are worked out again.
    """

    def __init__(self, like: Arrays | None = None) -> None:
        self.offset = 0.0
        self._like = like
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
        parts = [filled(part, shape).ravel() for part in (gain, lower, upper)]
        size = parts[0].size
        self._columns.append([*parts, np.full(size, int(whole), dtype=np.int32)])
        places = np.arange(self._width, self._width + size).reshape(shape)
        self._width += size
        return places

    def rows(self, count: int, *, lower: Values = -INFINITE, upper: Values = INFINITE) -> Places:
        """The places of new rows."""
        self._rows.append([filled(lower, count), filled(upper, count)])
        places = np.arange(self._height, self._height + count)
        self._height += count
        return places

    def put(self, rows: Places, columns: Places, values: Values) -> None:
        """Puts values where rows and columns, broadcast against each other, meet."""
        if self._like is not None:
            return
        row, column, value = np.broadcast_arrays(rows, columns, np.asarray(values, dtype=float))
        self._entries.append((row.ravel(), column.ravel(), value.ravel()))

    def arrays(self) -> Arrays:
        """The model so far. Raises ValueError when it has not the shape of the one that it is like."""
        gain, lower, upper, whole = joined(self._columns, 4)
        row_lower, row_upper = joined(self._rows, 2)
        starts, columns, values = self._entries_by_rows() if self._like is None else entries(self._like)
        if len(starts) != self._height + 1 or (self._like is not None and len(self._like.gain) != self._width):
            raise ValueError("the model has not the shape of the one that it is like")
        return Arrays(
            gain=gain,
            offset=self.offset,
            lower=lower,
            upper=upper,
            row_lower=row_lower,
            row_upper=row_upper,
            starts=starts,
            columns=columns,
            values=values,
            whole=whole.astype(np.int32),
        )

    def _entries_by_rows(self) -> tuple[NDArray[np.int32], NDArray[np.int32], Floats]:
        row, column, value = joined(self._entries, 3)
        order = np.argsort(row, kind="stable")
        starts = np.zeros(self._height + 1, dtype=np.int32)
        np.cumsum(np.bincount(row.astype(np.int64), minlength=self._height), out=starts[1:])
        return starts, column[order].astype(np.int32), value[order]


def filled(values: Values, shape: int | tuple[int, int]) -> Floats:
    """The values in a shape; several times faster than numpy's broadcast_to, which copies nothing."""
    whole = np.empty(shape)
    whole[...] = values
    return whole


def entries(arrays: Arrays) -> tuple[NDArray[np.int32], NDArray[np.int32], Floats]:
    return arrays.starts, arrays.columns, arrays.values


def joined(parts: list[Sequence[NDArray]], width: int) -> list[NDArray]:
    """Each of the parts' arrays in one piece."""
    return [np.concatenate([part[at] for part in parts]) if parts else np.zeros(0) for at in range(width)]
