"""What a site buys, stores, promises and is metered by, changed by right: each change is one transaction with its audit
event, which holds what stood before. What has been stays true history: another date is another contract."""

from datetime import date
from decimal import Decimal
from typing import Any, Final

import msgspec
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms.models import model_to_dict

from cango_ops.base import audit
from cango_ops.base.models import AuditEvent, User
from sites import ranges, rights
from sites.models import Battery, Meter, MeterMinute, PowerContract, Programme, Site, SolarPlant

MOST_TOLD: Final = 30
VERBS: Final = ("contract.set", "contract.removed", "storage.set", "storage.removed", "programme.set")
SETTINGS: Final = ("site.set", "pool.set", "meter.set", "meter.removed")


class AgreementRefused(ValueError):
    """Why it is not changed. field: which is wrong, empty where it is not one alone. is_right: the person may not."""

    def __init__(self, words: str, field: str = "", *, is_right: bool = False) -> None:
        super().__init__(words)
        self.field = field
        self.is_right = is_right


def may_change(actor: User, site: Site) -> bool:
    return rights.may(actor, rights.CONFIGURE, site)


def set_contract(actor: User, site: Site, contract: PowerContract) -> None:
    """The contract from its day on, in the place of one that began on the same day. Raises AgreementRefused."""
    known = PowerContract.objects.filter(site=site, valid_from=contract.valid_from)
    put(actor, site, contract, known, "contract.set")


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
    if isinstance(row, Battery):
        if row.address:
            check_place(site, row.address, row.port)
        put(actor, site, row, Battery.objects.filter(site=site, name=row.name), "storage.set")
    else:
        put(actor, site, row, SolarPlant.objects.filter(site=site), "storage.set")


def remove_battery(actor: User, site: Site, name: str) -> None:
    """One that stands there no more; the record keeps its terms. Raises AgreementRefused."""
    check(actor, site)
    with transaction.atomic():
        row = Battery.objects.select_for_update().filter(site=site, name=name).first()
        if row is not None:
            before = told(row)
            row.delete()
            audit.record(actor, "storage.removed", target_of(site), {"what": "battery", "before": before})


def set_programme(actor: User, site: Site, programme: Programme) -> None:
    """The programme of that name. Raises AgreementRefused."""
    put(actor, site, programme, Programme.objects.filter(site=site, name=programme.name), "programme.set")


def set_meter(actor: User, site: Site, meter: Meter) -> None:
    """The meter of that name; two never stand for the same counter, which would be counted twice. Raises
    AgreementRefused."""
    check_place(site, meter.address, meter.port)
    place = {"address": meter.address, "port": meter.port, "unit_id": meter.unit_id}
    if other := Meter.objects.filter(site=site, **place).exclude(name=meter.name).first():
        raise AgreementRefused(f"the meter {other.name} answers there already", "address")
    put(actor, site, meter, Meter.objects.filter(site=site, name=meter.name), "meter.set")


def remove_meter(actor: User, site: Site, name: str) -> None:
    """One that was never heard: the minutes of any other are history. Raises AgreementRefused."""
    check(actor, site)
    with transaction.atomic():
        row = Meter.objects.select_for_update().filter(site=site, name=name).first()
        if row is None:
            return
        if row.observed_at is not None or MeterMinute.objects.filter(meter=row).exists():
            raise AgreementRefused("What it said stays on record; give it another address instead")
        before = told(row)
        row.delete()
        audit.record(actor, "meter.removed", target_of(site), {"what": "meter", "before": before})


def set_site(actor: User, site: Site, changed: Site, names: list[str]) -> None:
    """These fields of the site as they stand in `changed`. Raises AgreementRefused."""
    check(actor, site)
    with transaction.atomic():
        known = Site.objects.select_for_update(no_key=True).get(pk=site.pk)
        before = told(known, names)
        for name in names:
            setattr(known, name, getattr(changed, name))
        cleaned(known)
        if before == told(known, names):
            return
        known.save(update_fields=names)
        audit.record(
            actor, "site.set", target_of(site), {"what": "site", "before": before, "after": told(known, names)}
        )


def put(actor: User, site: Site, row: Model, standing: QuerySet[Any], verb: str) -> None:
    """The row in the place of the one that stands. One change of a site at a time."""
    check(actor, site)
    row.site = site  # type: ignore[attr-defined]
    with transaction.atomic():
        Site.objects.select_for_update(no_key=True).get(pk=site.pk)
        known = standing.first()
        before = told(known) if known is not None else None
        row.pk = known.pk if known is not None else None
        row._state.adding = known is None
        cleaned(row)
        if before == told(row):
            return
        if known is None:
            row.save(force_insert=True)
        else:
            row.save(update_fields=fields_of(row))
        kind = row._meta.verbose_name or ""
        audit.record(actor, verb, target_of(site), {"what": str(kind), "before": before, "after": told(row)})


def cleaned(row: Model) -> None:
    """Raises AgreementRefused."""
    try:
        row.full_clean()
    except ValidationError as why:
        raise AgreementRefused("; ".join(why.messages)) from why


def check_place(site: Site, address: str, port: int) -> None:
    """Raises AgreementRefused for a place that would never be connected to."""
    if why := ranges.reaches({site.pk})[site.pk].refusal(address, port):
        raise AgreementRefused(f"{address} {why}: set it on the page of the site's addresses first", "address")


def check(actor: User, site: Site) -> None:
    if not may_change(actor, site):
        raise AgreementRefused("your role at this site does not allow it", is_right=True)


def fields_of(row: Model) -> list[str]:
    """What people set; what is measured is left alone."""
    return [field.name for field in row._meta.fields if field.editable and field.name not in ("id", "site")]


def told(row: Model, names: list[str] | None = None) -> dict[str, Any]:
    """As it stands in the audit event."""
    return {name: plain(value) for name, value in model_to_dict(row, names or fields_of(row)).items()}


def plain(value: Any) -> Any:
    """Amounts without needless noughts, so that the same amount reads the same."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, dict):
        return msgspec.json.decode(msgspec.json.encode(value))
    return value if value is None or isinstance(value, int | float | str | dict | list) else str(value)


def target_of(site: Site) -> str:
    return f"site/{site.code}"


def history(site: Site, verbs: tuple[str, ...] = VERBS) -> list[AuditEvent]:
    """The newest changes of what a site buys, stores and promises, or of other verbs."""
    events = AuditEvent.objects.filter(target=target_of(site), verb__in=verbs)
    return list(events.order_by("-sequence")[:MOST_TOLD])
