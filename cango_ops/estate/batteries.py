"""A site's battery: it charges and discharges as it was told, within what it can, and says so in SunSpec models.

Chain: common (1), DER AC measurement (701), DER AC controls (704), DER storage capacity (713). A setpoint holds until
its time is over, then it is 0 W. Source: models 1, 701, 704 and 713 of github.com/sunspec/models.
"""

from typing import Final

from cango_ops.estate.chance import between
from cango_ops.estate.layout import Battery as BatteryPlan
from cango_ops.estate.meters import NOT_THERE, SUNSPEC_BASE, scale_for
from cango_ops.estate.registers import int16, text, uint32
from cango_ops.estate.site_state import SiteState

ETA: Final = 0.95
COMMON, MEASURED, CONTROLS, CAPACITY = 66, 153, 65, 7
CONTROLS_AT: Final = SUNSPEC_BASE + 2 + 2 + COMMON + 2 + MEASURED + 2
# From WSetEna to WSetRvrtTms; nothing else of the battery can be written.
SET_AT: Final = CONTROLS_AT + 20
SET_WORDS: Final = 11


class Battery:
    """power: above zero it gives, at the grid's side. Content moves with the power since it was last looked at."""

    def __init__(self, plan: BatteryPlan, site: SiteState) -> None:
        self.plan = plan
        self.site = site
        self.capacity_wh = plan.capacity_mwh * 1e6
        self.rated_w = plan.power_mw * 1e6
        self.content_wh = self.capacity_wh * between(site.key, 21, 0.3, 0.7)
        self.told_w = 0.0
        self.is_told = False
        self.until = float("inf")
        self._at = 0.0

    def power_w(self, t: float) -> float:
        """What it does now: what it was told, within its rating and what is in it."""
        self._move_on(t)
        return self._allowed(self.told_w if self.is_told else 0.0)

    def _allowed(self, wish_w: float) -> float:
        full, empty = self.content_wh >= self.capacity_wh * 0.9999, self.content_wh <= self.capacity_wh * 0.0001
        if (wish_w < 0 and full) or (wish_w > 0 and empty):
            return 0.0
        return max(-self.rated_w, min(self.rated_w, wish_w))

    def _move_on(self, t: float) -> None:
        """Content follows the power up to now; a setpoint whose time is over becomes 0 W at its own moment."""
        if self._at and t > self._at:
            self._flow(min(t, max(self.until, self._at)) - self._at)
        self._at = max(t, self._at)
        if t >= self.until:
            self.told_w, self.until = 0.0, float("inf")

    def _flow(self, seconds: float) -> None:
        power = self._allowed(self.told_w if self.is_told else 0.0)
        wh = power * seconds / 3600
        change = -wh / ETA if power > 0 else -wh * ETA
        self.content_wh = max(0.0, min(self.capacity_wh, self.content_wh + change))

    def tell(self, words: list[int], t: float) -> bool:
        """Takes the eleven registers of a setpoint; False where they make no sense."""
        enabled, mode, high, low = words[:4]
        seconds = words[9] << 16 | words[10]
        if mode != 1 or enabled not in (0, 1) or words[8] not in (0, 1):
            return False
        self._move_on(t)
        raw = high << 16 | low
        self.told_w = (raw - (1 << 32) if raw >> 31 else raw) * 100.0
        self.is_told = enabled == 1
        self.until = t + seconds if seconds and words[8] else float("inf")
        return True

    def registers(self, t: float) -> dict[int, int]:
        power = self.power_w(t)
        words = [0x5375, 0x6E53, 1, COMMON, *common(f"BAT{self.site.number:05d}"), 701, MEASURED, *measured(power)]
        words += [704, CONTROLS, *self._controls(t), 713, CAPACITY, *self._capacity(), 0xFFFF, 0]
        return dict(enumerate(words, SUNSPEC_BASE))

    def _controls(self, t: float) -> list[int]:
        left = 0 if self.until == float("inf") else max(0, round(self.until - t))
        raw = round(self.told_w / 100) & 0xFFFFFFFF
        held = [NOT_THERE] * CONTROLS
        held[20:33] = [
            int(self.is_told),
            1,
            raw >> 16,
            raw & 0xFFFF,
            0,
            0,
            NOT_THERE,
            NOT_THERE,
            1,
            0,
            0,
            *uint32(left),
        ]
        held[53] = 2
        return held

    def _capacity(self) -> list[int]:
        scale = scale_for(self.capacity_wh)
        share = self.content_wh / self.capacity_wh
        rated, left = int16(self.capacity_wh, scale), int16(self.content_wh, scale)
        return [rated, left, round(share * 10_000), 10_000, 0, scale & 0xFFFF, -2 & 0xFFFF]


def common(serial: str) -> list[int]:
    return [*text("Cango estate", 16), *text("Block 1547", 16), *text("", 8), *text("1.0", 8), *text(serial, 16), 1,
            NOT_THERE]  # fmt: skip


def measured(power_w: float) -> list[int]:
    """Model 701 as far as anybody reads it: on, connected, the active power and its scale."""
    scale = scale_for(power_w)
    held = [NOT_THERE] * MEASURED
    held[0:4] = [2, 1, 2, 1]
    held[4:8] = [0, 0, 0, 0]
    held[8], held[114] = int16(power_w, scale), scale & 0xFFFF
    return held
