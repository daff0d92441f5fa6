from collections.abc import Iterator

import pytest

from tests import machines
from tests.machines import Field


@pytest.fixture(scope="module")
def field() -> Iterator[Field]:
    with machines.field() as started:
        yield started
