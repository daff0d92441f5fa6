from collections.abc import AsyncIterator

import pytest

from tests.estate.small_estate import Clock, SmallEstate, open_estate


@pytest.fixture
async def estate() -> AsyncIterator[SmallEstate]:
    opened = await open_estate(Clock())
    yield opened
    await opened.estate.close()
