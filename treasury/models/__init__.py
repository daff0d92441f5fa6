"""Rows of the treasury."""

from treasury.models.journal import Account, DayTurnover, JournalEntry, MonthTurnover, Posting
from treasury.models.loan import Loan, LoanEvent
from treasury.models.lots import CostMethod, Lot, LotUse, OpenLot, PriceMark

__all__ = [
    "Account",
    "CostMethod",
    "DayTurnover",
    "JournalEntry",
    "Loan",
    "LoanEvent",
    "Lot",
    "LotUse",
    "MonthTurnover",
    "OpenLot",
    "Posting",
    "PriceMark",
]
