"""What a site earns by mining now, in dollars an hour and a megawatt-hour, and why where that is not known. Pure."""

from dataclasses import dataclass

from cango_ops.units import W_PER_MW
from compute.market.network import Hashprice
from compute.telemetry.answers import Totals
from sites.models import PowerContract
from sites.tariffs.energy import Quote


@dataclass(frozen=True)
class Money:
    """power_w: what is charged to mining: the meter where there is one, less the share of AI containers.   paid: what a
    MWh costs now under the contract.

    why: what is missing for the margin, empty where it is known.
    """

    hashprice: Hashprice | None
    contract: PowerContract | None
    paid: Quote
    power_w: float | None = None
    revenue_usd_per_h: float | None = None
    power_usd_per_h: float | None = None
    why: str = ""

    @property
    def margin_usd_per_h(self) -> float | None:
        return less(self.revenue_usd_per_h, self.power_usd_per_h)

    @property
    def revenue_usd_per_mwh(self) -> float | None:
        """At this price for power mining just pays for it."""
        return per_mwh(self.revenue_usd_per_h, self.power_w)

    @property
    def margin_usd_per_mwh(self) -> float | None:
        return per_mwh(self.margin_usd_per_h, self.power_w)


def money(
    totals: Totals, ai_power_w: float, contract: PowerContract | None, paid: Quote, price: Hashprice | None
) -> Money:
    power_w = mining_power_w(totals, ai_power_w)
    revenue = None
    if price is not None and not price.is_stale and totals.hashrate_ths is not None:
        revenue = price.usd_per_h(totals.hashrate_ths)
    cost = None
    if contract is not None and paid.usd_per_mwh is not None and power_w is not None:
        cost = power_w / W_PER_MW * float(paid.usd_per_mwh)
    return Money(price, contract, paid, power_w, revenue, cost, why(totals, contract, paid, price, power_w))


def mining_power_w(totals: Totals, ai_power_w: float) -> float | None:
    """Fans, pumps and losses that only the meter sees are shared out as the machines' own power is."""
    if not totals.power_w:
        return totals.power_w
    whole = totals.power_w if totals.meter_power_w is None else totals.meter_power_w
    return whole * (1 - ai_power_w / totals.power_w)


def why(
    totals: Totals, contract: PowerContract | None, paid: Quote, price: Hashprice | None, power_w: float | None
) -> str:
    if totals.hashrate_ths is None:
        return "no live hashrate"
    if price is None:
        return "hashprice never read"
    if price.is_stale:
        return "hashprice is stale"
    if contract is None:
        return "no power contract holds today"
    if paid.usd_per_mwh is None:
        return paid.reason
    return "no machine says its power" if power_w is None else ""


def less(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def per_mwh(usd_per_h: float | None, power_w: float | None) -> float | None:
    return usd_per_h / (power_w / W_PER_MW) if usd_per_h is not None and power_w else None
