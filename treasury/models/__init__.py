"""Rows of the treasury."""

from treasury.models.journal import Account, DayTurnover, JournalEntry, MonthTurnover, Posting
from treasury.models.loan import Loan, LoanEvent
from treasury.models.lots import CostMethod, Lot, LotUse, OpenLot, PriceMark
from treasury.models.period import ClosedMonth, Explanation
from treasury.models.release import ReleaseDelivery, ReportJob, Subscriber
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
    "ClosedMonth",
    "CostMethod",
    "DayTurnover",
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
    "ReleaseDelivery",
    "Report",
    "ReportApproval",
    "ReportComment",
    "ReportFile",
    "ReportJob",
    "ReportRead",
    "Restatement",
    "StandingText",
    "Subscriber",
]
