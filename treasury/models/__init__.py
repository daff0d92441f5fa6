"""Rows of the treasury."""

from treasury.models.earnings import ContractDay, CostAmount, PowerMonth, SiteDay
from treasury.models.embargo import EmbargoException, EmbargoWindow
from treasury.models.equity import BalanceAmount, DilutiveRight, ShareChange, SharePrice
from treasury.models.insider import Insider
from treasury.models.journal import Account, DayTurnover, JournalEntry, MonthTurnover, Posting
from treasury.models.loan import Loan, LoanEvent
from treasury.models.lots import CostMethod, Lot, LotMove, LotScope, LotUse, OpenLot, PriceMark
from treasury.models.period import ClosedMonth, Explanation
from treasury.models.policy import BooksRead, TreasuryCap, TreasuryPolicy
from treasury.models.production import (
    HashrateLease,
    PoolEarning,
    PoolPayout,
    PoolStatement,
    ProductionDay,
    ReconciliationBreak,
)
from treasury.models.proposal import Beneficiary, Proposal, ProposalApproval
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
from treasury.models.wallet import CustodianStatement, Wallet, WalletOutput, WalletReading, WalletWatch

__all__ = [
    "Account",
    "BalanceAmount",
    "Beneficiary",
    "BooksRead",
    "ClosedMonth",
    "ContractDay",
    "CostAmount",
    "CostMethod",
    "CustodianStatement",
    "DayTurnover",
    "DilutiveRight",
    "EmbargoException",
    "EmbargoWindow",
    "Explanation",
    "HashrateLease",
    "Insider",
    "JournalEntry",
    "Loan",
    "LoanEvent",
    "Lot",
    "LotMove",
    "LotScope",
    "LotUse",
    "MonthTurnover",
    "OpenLot",
    "PoolEarning",
    "PoolPayout",
    "PoolStatement",
    "Posting",
    "PowerMonth",
    "PriceMark",
    "ProductionDay",
    "Proposal",
    "ProposalApproval",
    "ReconciliationBreak",
    "ReleaseDelivery",
    "Report",
    "ReportApproval",
    "ReportComment",
    "ReportFile",
    "ReportJob",
    "ReportRead",
    "Restatement",
    "ShareChange",
    "SharePrice",
    "SiteDay",
    "StandingText",
    "Subscriber",
    "TreasuryCap",
    "TreasuryPolicy",
    "Wallet",
    "WalletOutput",
    "WalletReading",
    "WalletWatch",
]
