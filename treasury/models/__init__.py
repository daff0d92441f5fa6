"""Rows of the treasury."""

from treasury.models.journal import Account, DayTurnover, JournalEntry, MonthTurnover, Posting
from treasury.models.loan import Loan, LoanEvent
from treasury.models.lots import CostMethod, Lot, LotUse, OpenLot, PriceMark
from treasury.models.period import ClosedMonth, Explanation
from treasury.models.policy import BooksRead, TreasuryCap, TreasuryPolicy
from treasury.models.proposal import Beneficiary, Proposal, ProposalApproval
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
    "Beneficiary",
    "BooksRead",
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
    "Proposal",
    "ProposalApproval",
    "Report",
    "ReportApproval",
    "ReportComment",
    "ReportFile",
    "ReportRead",
    "Restatement",
    "StandingText",
    "TreasuryCap",
    "TreasuryPolicy",
]
