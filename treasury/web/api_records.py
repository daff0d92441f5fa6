"""What the API answers of the treasury. Satoshis are integers, dollars and percentages are decimal strings."""

from rest_framework import serializers

from cango_ops.base.answers import Instant


class Dollars(serializers.DecimalField):
    def __init__(self, **options: object) -> None:
        super().__init__(max_digits=24, decimal_places=2, coerce_to_string=True, **options)  # type: ignore[arg-type]


class Percent(serializers.DecimalField):
    def __init__(self, **options: object) -> None:
        super().__init__(max_digits=24, decimal_places=4, coerce_to_string=True, **options)  # type: ignore[arg-type]


class SourceRecord(serializers.Serializer):
    """The newest price of one source."""

    name = serializers.CharField()
    price_usd = Dollars()
    observed_at = Instant()
    is_stale = serializers.BooleanField()


class QuoteRecord(serializers.Serializer):
    """What a bitcoin is worth now: the lower of the fresh sources; null where none is fresh."""

    price_usd = Dollars(allow_null=True)
    observed_at = Instant(allow_null=True)
    state = serializers.CharField()
    words = serializers.CharField()
    sources = SourceRecord(many=True)


class LoanRecord(serializers.Serializer):
    """A loan now. What needs a price is null without a fresh one."""

    code = serializers.CharField()
    lender = serializers.CharField()
    currency = serializers.CharField()
    rate = serializers.DecimalField(max_digits=8, decimal_places=6)
    principal_usd = Dollars()
    debt_usd = Dollars()
    collateral_sat = serializers.IntegerField()
    state = serializers.CharField()
    reason = serializers.CharField()
    distance_pct = Percent(allow_null=True)
    ltv_pct = Percent(source="mark.ltv_pct", default=None, allow_null=True)
    margin_call_price_usd = Dollars(source="mark.margin_call_price_usd", default=None, allow_null=True)
    liquidation_price_usd = Dollars(source="mark.liquidation_price_usd", default=None, allow_null=True)
    top_up_sat = serializers.IntegerField(source="mark.top_up_sat", default=None, allow_null=True)
    releasable_sat = serializers.IntegerField(source="mark.releasable_sat", default=None, allow_null=True)


class PositionRecord(serializers.Serializer):
    """How the treasury stands now."""

    as_of = Instant()
    held_sat = serializers.IntegerField()
    free_sat = serializers.IntegerField()
    pledged_sat = serializers.IntegerField()
    wallets_sat = serializers.DictField(child=serializers.IntegerField())
    value_usd = Dollars(allow_null=True)
    debt_usd = Dollars()
    ltv_pct = Percent(allow_null=True)
    nearest_pct = Percent(allow_null=True)
    top_up_sat = serializers.IntegerField(allow_null=True)
    quote = QuoteRecord()
    loans = LoanRecord(many=True)


class BalanceRecord(serializers.Serializer):
    """An account in one currency: sat is set for BTC, amount for any other."""

    account = serializers.CharField(source="code")
    currency = serializers.CharField()
    sat = serializers.IntegerField(allow_null=True)
    amount = Dollars(allow_null=True)


class RollforwardRecord(serializers.Serializer):
    """opening + opened + mined + bought - sold - burnt = closing, in satoshis; dollars are null without prices."""

    opening_sat = serializers.IntegerField()
    opened_sat = serializers.IntegerField()
    mined_sat = serializers.IntegerField()
    bought_sat = serializers.IntegerField()
    sold_sat = serializers.IntegerField()
    burnt_sat = serializers.IntegerField()
    closing_sat = serializers.IntegerField()
    ties = serializers.BooleanField()
    opening_fair_value_usd = Dollars(allow_null=True)
    additions_usd = Dollars(allow_null=True)
    dispositions_usd = Dollars(allow_null=True)
    net_gain_loss_usd = Dollars(allow_null=True)
    closing_fair_value_usd = Dollars(allow_null=True)
    cost_basis_usd = Dollars(allow_null=True)
    unrealised_cumulative_usd = Dollars(allow_null=True)
    realised_gain_usd = Dollars()
    missing = serializers.ListField(child=serializers.CharField())
