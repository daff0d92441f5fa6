"""What a power meter said. Pure."""

import msgspec

from cango_ops.wire import Conversation


class MeterReading(msgspec.Struct, frozen=True, kw_only=True):
    """power_w: what the site draws now, negative while it feeds in.   energy_wh: imported since the meter was put in.
    None: the meter does not say."""

    power_w: float | None = None
    energy_wh: float | None = None


MeterTalk = Conversation[MeterReading]
