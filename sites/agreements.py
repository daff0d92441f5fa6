"""What a site buys, stores and promises, changed by right: each change is one transaction with its audit event, which
holds what stood before. The rows that are there already stay true history: another date is another contract."""

from datetime import date
from decimal import Decimal
from typing import Any, Final

import msgspec
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.forms.models import model_to_dict

from cango_ops.base import audit
from cango_ops.base.models import AuditEvent, User
from sites import rights
from sites.models import Battery, PowerContract, Programme, Site, SolarPlant

MOST_TOLD: Final = 30
VERBS: Final = ("contract.set", "contract.removed", "storage.set", "storage.removed", "programme.set")


class AgreementRefused(ValueError):
    """Why it is not changed. is_right: because the person may not."""

    def __init__(self, words: str, *, is_right: bool = False) -> None:
        super().__init__(words)
        self.is_right = is_right


def may_change(actor: User, site: Site) -> bool:
    return rights.may(actor, rights.CONFIGURE, site)


def set_contract(actor: User, site: Site, contract: PowerContract) -> None:
    """The contract from its day on, in the place of one that began on the same day. Raises AgreementRefused."""
    known = PowerContract.objects.filter(site=site, valid_from=contract.valid_from)
    put(actor, site, contract, known.first(), "contract.set")


def remove_contract(actor: User, site: Site, valid_from: date, today: date) -> None:
    """One that holds only from a later day on. Raises AgreementRefused."""
    check(actor, site)
    if valid_from <= today:
        raise AgreementRefused("What has held already stays on record; let another contract begin instead.")
    with transaction.atomic():
        row = PowerContract.objects.filter(site=site, valid_from=valid_from).first()
        if row is not None:
            before = told(row)
            row.delete()
            audit.record(actor, "contract.removed", target_of(site), {"before": before})


def set_storage(actor: User, site: Site, row: Battery | SolarPlant) -> None:
    """The site's solar plant, or its battery of that name. Raises AgreementRefused."""
    known: Battery | SolarPlant | None
    if isinstance(row, Battery):
        known = Battery.objects.filter(site=site, name=row.name).first()
    else:
        known = SolarPlant.objects.filter(site=site).first()
    put(actor, site, row, known, "storage.set")


def set_programme(actor: User, site: Site, programme: Programme) -> None:
    """The programme of that name. Raises AgreementRefused."""
    put(actor, site, programme, Programme.objects.filter(site=site, name=programme.name).first(), "programme.set")


def put(actor: User, site: Site, row: Model, known: Model | None, verb: str) -> None:
    check(actor, site)
    row.site = site  # type: ignore[attr-defined]
    before = told(known) if known is not None else None
    row.pk = known.pk if known is not None else None
    row._state.adding = known is None
    try:
        row.full_clean()
    except ValidationError as why:
        raise AgreementRefused("; ".join(why.messages)) from why
    if before == told(row):
        return
    with transaction.atomic():
        if known is None:
            row.save(force_insert=True)
        else:
            row.save(update_fields=fields_of(row))
        kind = row._meta.verbose_name or ""
        audit.record(actor, verb, target_of(site), {"what": str(kind), "before": before, "after": told(row)})


def check(actor: User, site: Site) -> None:
    if not may_change(actor, site):
        raise AgreementRefused("your role at this site does not allow it", is_right=True)


def fields_of(row: Model) -> list[str]:
    """What people set; what is measured is left alone."""
    return [field.name for field in row._meta.fields if field.editable and field.name not in ("id", "site")]


def told(row: Model) -> dict[str, Any]:
    """As it stands in the audit event."""
    return {name: plain(value) for name, value in model_to_dict(row, fields_of(row)).items()}


def plain(value: Any) -> Any:
    """Amounts without needless noughts, so that the same amount reads the same."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, dict):
        return msgspec.json.decode(msgspec.json.encode(value))
    return value if value is None or isinstance(value, int | float | str | dict | list) else str(value)


def target_of(site: Site) -> str:
    return f"site/{site.code}"


def history(site: Site) -> list[AuditEvent]:
    """The newest changes of what a site buys, stores and promises."""
    events = AuditEvent.objects.filter(target=target_of(site), verb__in=VERBS)
    return list(events.order_by("-sequence")[:MOST_TOLD])
