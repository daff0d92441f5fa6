"""The fair-value roll-forward of a period.

opening + additions - dispositions + net gain or loss = closing, with the cost basis beside it.
Source: ASU 2023-08 (ASC 350-60-50-3): fair value each period, changes in net income, roll-forward of the activity.
"""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Rollforward:
    """In dollars. closing_fair_value_usd None: there was no closing price, so gain and unrealised are not known."""

    opening_fair_value_usd: Decimal
    additions_usd: Decimal
    dispositions_usd: Decimal
    cost_basis_usd: Decimal
    closing_fair_value_usd: Decimal | None

    @property
    def net_gain_loss_usd(self) -> Decimal | None:
        if self.closing_fair_value_usd is None:
            return None
        carried = self.opening_fair_value_usd + self.additions_usd - self.dispositions_usd
        return self.closing_fair_value_usd - carried

    @property
    def unrealised_cumulative_usd(self) -> Decimal | None:
        if self.closing_fair_value_usd is None:
            return None
        return self.closing_fair_value_usd - self.cost_basis_usd
