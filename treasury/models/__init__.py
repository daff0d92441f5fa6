"""Rows of the treasury."""

from treasury.models.earnings import ContractDay, CostAmount, SiteDay
from treasury.models.equity import BalanceAmount, DilutiveRight, ShareChange, SharePrice
from treasury.models.journal import Account, DayTurnover, JournalEntry, MonthTurnover, Posting
from treasury.models.loan import Loan, LoanEvent
from treasury.models.lots import CostMethod, Lot, LotUse, OpenLot, PriceMark
from treasury.models.period import ClosedMonth, Explanation
from treasury.models.report import (
    Report,
    ReportApproval,
    ReportComment,
    ReportFile,
    ReportRead,
    Restatement,
    StandingText,
)

__all__ = [
    "Account",
    "BalanceAmount",
    "ClosedMonth",
    "ContractDay",
    "CostAmount",
    "CostMethod",
    "DayTurnover",
    "DilutiveRight",
    "Explanation",
    "JournalEntry",
    "Loan",
    "LoanEvent",
    "Lot",
    "LotUse",
    "MonthTurnover",
    "OpenLot",
    "Posting",
    "PriceMark",
    "Report",
    "ReportApproval",
    "ReportComment",
    "ReportFile",
    "ReportRead",
    "Restatement",
    "ShareChange",
    "SharePrice",
    "SiteDay",
    "StandingText",
]
