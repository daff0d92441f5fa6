"""The meters that can be read, by the name that stands in the site map. Pure."""

from collections.abc import Callable
from functools import partial
from typing import Final

from sites.meters import maps, sunspec
from sites.meters.reading import MeterTalk

# unit id -> conversation
METERS: Final[dict[str, Callable[[int], MeterTalk]]] = {
    "sunspec": sunspec.read,
    "sunspec_203": sunspec.read,
    **{name: partial(maps.read, register_map) for name, register_map in maps.MAPS.items()},
}
