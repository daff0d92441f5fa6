"""The form of a loan's contract: percentages as people write them, shares as the books hold them."""

from decimal import Decimal
from typing import Any, Final

from django import forms

from treasury.lending.contract import CURRENCIES
from treasury.lending.terms import DayCount, Interest, Trigger
from treasury.loans import contract
from treasury.loans.contract import Wrong
from treasury.models import Loan

# Shares of the contract, which the form asks in percent; with so many decimals of it.
PERCENT: Final = {"rate": 4, "initial_ltv": 2, "margin_ltv": 2, "liquidation_ltv": 2, "call_price_ratio": 2}
INTEREST: Final = (
    (Interest.PAID.value, "Billed monthly, owed until paid"),
    (Interest.CAPITALISED.value, "Added to the principal monthly"),
)
TRIGGER: Final = (
    (Trigger.GT.value, "Above the threshold"),
    (Trigger.GTE.value, "At the threshold too"),
)


def percent(label: str, places: int, help_text: str = "", *, required: bool = False) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=0, max_digits=12, decimal_places=places, required=required, help_text=help_text
    )


class LoanForm(forms.Form):
    """seen: of a correction, what its reader saw."""

    code = forms.CharField(label="Code", max_length=32, help_text="As its accounts will be called, such as ANT-1.")
    lender = forms.CharField(label="Lender", max_length=100)
    currency = forms.ChoiceField(label="Currency", choices=[(one, one) for one in CURRENCIES])
    rate_pct = percent("Rate, % a year", 4, "A later rate is told on the loan's page.", required=True)
    day_count = forms.ChoiceField(label="Day count", choices=[(one.value, one.value) for one in DayCount])
    interest = forms.ChoiceField(label="Interest", choices=INTEREST)
    initial_ltv_pct = percent("LTV at drawdown, %", 2, "Empty with the next three: term debt without collateral.")
    margin_ltv_pct = percent("Called at an LTV of, %", 2)
    liquidation_ltv_pct = percent("Liquidated at an LTV of, %", 2)
    call_price_ratio_pct = percent(
        "Called below, % of the price at drawdown", 2, "Where the contract goes by the price."
    )
    trigger = forms.ChoiceField(label="A threshold counts", choices=TRIGGER)
    ends_on = forms.DateField(
        label="Ends on", required=False, help_text="Empty: open.", widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    keeps_coins_on_books = forms.BooleanField(
        label="Pledged coins stay on our books", required=False, help_text="Else they are a receivable from the lender."
    )
    evidence = forms.CharField(
        label="What proves it", min_length=contract.SHORTEST, max_length=500,
        help_text="Where the contract lies, or who confirmed it. It is kept with your name.",
    )  # fmt: skip
    seen = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    @property
    def said(self) -> dict[str, Any]:
        """The contract, typed, by the names of the books."""
        typed = self.cleaned_data
        return {name: share(typed[f"{name}_pct"]) if name in PERCENT else typed[name] for name in contract.FIELDS}

    def refuse(self, why: Wrong) -> None:
        """Each sentence at its field."""
        for name, words in why.faults.items():
            field = f"{name}_pct" if name in PERCENT else name
            self.add_error(field if field in self.fields else None, words)


def share(pct: Decimal | None) -> Decimal | None:
    return None if pct is None else pct / 100


def of_loan(loan: Loan, data: Any) -> LoanForm:
    """The form of a correction: what stands now, where nothing was typed; the code stays."""
    now: dict[str, Any] = {name: getattr(loan, name) for name in contract.FIELDS if name not in PERCENT}
    for name in PERCENT:
        value = getattr(loan, name)
        now[f"{name}_pct"] = None if value is None else contract.plain(100 * value)
    form = LoanForm(data, initial=now | {"seen": contract.word(contract.told(loan))})
    form.fields["code"].disabled = True
    return form
