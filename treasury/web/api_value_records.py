"""What the API answers of value, costs, stress and AI revenue. Satoshis are integers, the rest decimal strings."""

from rest_framework import serializers

from cango_ops.base.answers import Instant
from treasury.web.api_records import Dollars, Percent


class Number(serializers.DecimalField):
    """A decimal string with so many places."""

    def __init__(self, places: int, **options: object) -> None:
        super().__init__(max_digits=30, decimal_places=places, coerce_to_string=True, **options)  # type: ignore[arg-type]


def maybe(places: int, source: str | None = None) -> Number:
    """Null where it is not known."""
    more = {} if source is None else {"source": source, "default": None}
    return Number(places, allow_null=True, **more)


class AmountRecord(serializers.Serializer):
    """One input with its source, or the reason why it is not known."""

    name = serializers.CharField()
    usd = maybe(6)
    words = serializers.CharField()


class NavRecord(serializers.Serializer):
    """See the cases of kind nav in docs/treasury.md."""

    btc_nav_usd = Dollars()
    diluted_shares = Number(2)
    market_cap_usd = Dollars(allow_null=True)
    enterprise_value_usd = Dollars(allow_null=True)
    net_asset_value_usd = Dollars()
    nav_per_share_usd = maybe(4)
    sats_per_share = maybe(2)
    mnav_market_cap = maybe(4)
    mnav_ev = maybe(4)
    mnav_net = maybe(4)
    net_debt_to_btc_pct = maybe(4)


class YieldRecord(serializers.Serializer):
    """The yield since the year began, by assumed diluted shares."""

    opening_sats_per_share = maybe(2)
    closing_sats_per_share = maybe(2)
    btc_yield_pct = maybe(4)
    btc_gain_sat = serializers.IntegerField(allow_null=True)


class WorthRecord(serializers.Serializer):
    """What the company is worth."""

    as_of = Instant()
    held_sat = serializers.IntegerField(source="position.held_sat")
    btc_price_usd = Dollars(source="position.quote.price_usd", allow_null=True)
    shares = serializers.DictField(child=serializers.IntegerField())
    share_price = AmountRecord()
    amounts = AmountRecord(many=True)
    nav = NavRecord(allow_null=True)
    of_year = YieldRecord()
    reasons = serializers.ListField(child=serializers.CharField())


class ShareChangeRecord(serializers.Serializer):
    """Shares that came or went."""

    on = serializers.DateField(source="row.on")
    kind = serializers.CharField(source="row.kind")
    share_class = serializers.CharField(source="row.share_class")
    shares = serializers.IntegerField(source="row.shares")
    price_usd = maybe(6, "row.price_usd")
    after = serializers.IntegerField()
    source_id = serializers.CharField(source="row.source_id")
    evidence = serializers.CharField(source="row.evidence")
    note = serializers.CharField(source="row.note")


class ChargeRecord(serializers.Serializer):
    """One charge by the month. usd null: the words say why."""

    name = serializers.CharField()
    usd = serializers.CharField(allow_null=True)
    words = serializers.CharField()


class PowerRecord(serializers.Serializer):
    """The power of a month. usd: what counts. billed_usd: as told, null where nobody told it; energy_usd, charges_usd:
    by meters and contracts of what has no bill; estimate_usd: the same whether there is a bill or not; late_usd: bills
    of closed months that came in this one, less what these were closed with."""

    usd = Dollars()
    billed_usd = Dollars(allow_null=True)
    energy_usd = Dollars()
    charges_usd = Dollars(allow_null=True)
    estimate_usd = Dollars(allow_null=True)
    late_usd = Dollars()
    late = serializers.ListField(child=serializers.CharField())
    charges = ChargeRecord(source="lines", many=True)
    why = serializers.CharField()


class CostRecord(serializers.Serializer):
    """site null: the company, or the operator that was asked for. power_*: measured, over joint_hours, with their share
    of the charges by the month; cash and all-in: as told, over the month so far."""

    site = serializers.CharField(source="site.code", default=None, allow_null=True)
    btc_sat = serializers.IntegerField(allow_null=True)
    hours = serializers.IntegerField(source="sums.hours")
    joint_hours = serializers.IntegerField(source="sums.joint_hours")
    hash_hours = serializers.IntegerField(source="sums.hash_hours")
    energy_kwh = maybe(3, "sums.known_kwh")
    energy_hours = serializers.IntegerField(source="sums.energy_hours")
    power_usd_per_kwh = maybe(5, "sums.power_usd_per_kwh")
    power_usd_per_btc = maybe(2, "sums.power_usd_per_btc")
    power_usd_per_ph_day = maybe(4, "sums.power_usd_per_ph_day")
    hashprice_usd_per_ph_day = maybe(4, "sums.hashprice_usd_per_ph_day")
    power = PowerRecord()
    cash_usd_per_btc = maybe(2, "figures.cash_per_btc_usd")
    all_in_usd_per_btc = maybe(2, "figures.all_in_per_btc_usd")
    hashcost_usd_per_ph_day = maybe(4, "figures.hashcost_usd_per_ph_day")
    efficiency_j_per_th = maybe(4, "figures.efficiency_j_per_th")
    missing = serializers.ListField(child=serializers.CharField())


class HoursRecord(serializers.Serializer):
    """GPU-hours."""

    installed = maybe(2)
    available = maybe(2)
    busy = maybe(2)
    committed = Number(2)
    sold = Number(2)
    unobserved = Number(2)
    utilisation_pct = Percent(allow_null=True)
    served_pct = Percent(allow_null=True)


class ContractDayRecord(serializers.Serializer):
    """Node-minutes of a UTC day. minutes_url: the telemetry behind them."""

    day = serializers.DateField(source="row.day")
    gpus_per_node = serializers.IntegerField(source="row.gpus_per_node")
    committed_minutes = serializers.IntegerField(source="row.committed_minutes")
    served_minutes = serializers.IntegerField(source="row.served_minutes")
    unobserved_minutes = serializers.IntegerField(source="row.unobserved_minutes")
    billed_usd = Dollars(source="row.billed_usd")
    credit_usd = Dollars(source="row.credit_usd")
    minutes_url = serializers.CharField()


class CustomerRecord(serializers.Serializer):
    """A contract in the month."""

    id = serializers.IntegerField(source="contract.pk")
    customer = serializers.CharField(source="contract.customer")
    nodes = serializers.IntegerField(source="contract.nodes")
    committed_gpu_h = Number(2, source="hours.committed")
    sold_gpu_h = Number(2, source="hours.sold")
    unobserved_gpu_h = Number(2, source="hours.unobserved")
    billed_usd = Dollars()
    credit_usd = Dollars()
    revenue_usd = Dollars()
    days = ContractDayRecord(many=True)


class AiSiteRecord(serializers.Serializer):
    """A site in the month."""

    site = serializers.CharField(source="site.code")
    hours = serializers.IntegerField()
    observed_h = Number(2)
    gpu_hours = HoursRecord(source="gpu")
    billed_usd = Dollars()
    credit_usd = Dollars()
    revenue_usd = Dollars()
    contracts = CustomerRecord(many=True, source="customers")


class RoomRecord(serializers.Serializer):
    """How far the price may fall; null: it has happened."""

    name = serializers.CharField()
    pct = Percent(allow_null=True)
    price_usd = Dollars(allow_null=True)


class OperationRecord(serializers.Serializer):
    """What mining brings and costs."""

    hashrate_ph = Number(3)
    hashprice_usd_per_ph_day = Number(6)
    cash_cost_usd_per_month = Dollars()


class StressCellRecord(serializers.Serializer):
    """One combination. runway null: it lasts, or (with monthly_usd null) it is not known."""

    price_pct = Number(2)
    hashprice_pct = Number(2)
    rate_points = Number(2)
    price_usd = Dollars()
    loans = serializers.DictField(child=serializers.CharField())
    total_top_up_sat = serializers.IntegerField(allow_null=True)
    unpledged_sat_after = serializers.IntegerField(allow_null=True)
    can_cover_in_kind = serializers.BooleanField()
    equity_usd = Dollars()
    monthly_usd = Dollars(allow_null=True)
    runway_months = maybe(1)
    runway_with_coins_months = maybe(1)


class StressRecord(serializers.Serializer):
    """cells empty: there is no fresh price."""

    as_of = Instant()
    price_usd = Dollars(allow_null=True)
    rooms = RoomRecord(many=True)
    operation = OperationRecord(allow_null=True)
    reasons = serializers.ListField(child=serializers.CharField())
    cells = StressCellRecord(many=True)
