"""The page of a loan's contract: the form, and what was written down of it before."""

from dataclasses import dataclass
from typing import Final

from cango_ops.base import crumbs
from cango_ops.base.models import AuditEvent
from treasury.loans import contract
from treasury.models import Loan
from treasury.web.loan.form import LoanForm
from treasury.web.proposals.listing import TREASURY

NEW: Final = crumbs.Crumb("New loan", "/treasury/loans/new/")


@dataclass(frozen=True)
class ContractPage:
    """loan None: a new one.   changes: each with the fields that became others."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    form: LoanForm
    loan: Loan | None
    changes: list[tuple[AuditEvent, str]]


def contract_page(form: LoanForm, loan: Loan | None) -> ContractPage:
    if loan is None:
        return ContractPage("A new loan", (crumbs.COMPANY, TREASURY, NEW), form, None, [])
    home = f"/treasury/loans/{loan.code}/"
    here = (crumbs.Crumb(loan.code, home, str(loan)), crumbs.Crumb("Terms", f"{home}terms/"))
    return ContractPage(
        title=f"{loan.code}: correct its terms",
        crumbs=(crumbs.COMPANY, TREASURY, *here),
        form=form,
        loan=loan,
        changes=[(event, changed(event)) for event in contract.history(loan)],
    )


def changed(event: AuditEvent) -> str:
    before, after = event.detail["before"], event.detail["after"]
    if before is None:
        return "written down"
    told = (
        f"{name.replace('_', ' ')} {words(before[name])} to {words(value)}"
        for name, value in after.items()
        if value != before[name]
    )
    return ", ".join(told)


def words(value: object) -> str:
    return "none" if value is None else str(value)
