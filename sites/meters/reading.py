"""What a power meter said. Pure."""

import msgspec

from cango_ops.wire import Conversation, Garbled

# No site draws more than a large power station gives. What says so has its registers read in the wrong order or place.
MOST_W = 1e10
MOST_WH = 1e17


class MeterReading(msgspec.Struct, frozen=True, kw_only=True):
    """power_w: what the site draws now, negative while it feeds in.   energy_wh: imported since the meter was put in.
    None: the meter does not say."""

    power_w: float | None = None
    energy_wh: float | None = None

    def __post_init__(self) -> None:
        if self.power_w is not None and abs(self.power_w) > MOST_W:
            raise Garbled(f"a power of {self.power_w:g} W")
        if self.energy_wh is not None and not 0 <= self.energy_wh <= MOST_WH:
            raise Garbled(f"a counter of {self.energy_wh:g} Wh")


MeterTalk = Conversation[MeterReading]
