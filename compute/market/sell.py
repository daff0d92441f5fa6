"""Contracts for GPU nodes, set by those who configure the site: one transaction, with what stood before on record."""

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms.models import model_to_dict

from cango_ops.base import audit
from cango_ops.base.models import AuditEvent, User
from compute.models import GpuContract
from sites import rights
from sites.models import Site

FIELDS: Final = ("customer", "nodes", "usd_per_node_h", "penalty_usd_per_node_h", "begin_at", "end_at")
VERB: Final = "gpu_contract.set"
MOST_TOLD: Final = 30


class ContractRefused(ValueError):
    """Why it is not set. is_right: because the person may not."""

    def __init__(self, words: str, *, is_right: bool = False) -> None:
        super().__init__(words)
        self.is_right = is_right


def may_sell(actor: User, site: Site) -> bool:
    return rights.may(actor, rights.CONFIGURE, site)


def set_contract(actor: User, site: Site, contract: GpuContract) -> None:
    """A new one, or (with its pk) the site's own one changed; to end it is to set its end. Raises ContractRefused."""
    if not may_sell(actor, site):
        raise ContractRefused("your role at this site does not allow it", is_right=True)
    contract.site = site
    known = GpuContract.objects.filter(site=site, pk=contract.pk).first() if contract.pk else None
    try:
        contract.full_clean()
    except ValidationError as why:
        raise ContractRefused("; ".join(why.messages)) from why
    with transaction.atomic():
        before = told(known) if known is not None else None
        if known is None:
            contract.save(force_insert=True)
        else:
            contract.save(update_fields=FIELDS)
        audit.record(
            actor, VERB, f"site/{site.code}", {"what": "GPU contract", "before": before, "after": told(contract)}
        )


def told(row: GpuContract) -> dict[str, Any]:
    return {name: value if isinstance(value, int) or value is None else str(value)
            for name, value in model_to_dict(row, FIELDS).items()}  # fmt: skip


def history(site: Site) -> list[AuditEvent]:
    """The newest changes."""
    events = AuditEvent.objects.filter(target=f"site/{site.code}", verb=VERB)
    return list(events.order_by("-sequence")[:MOST_TOLD])
