"""What the page of a site's agreements shows: what holds, what it costs, storage, programmes, who changed what."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from cango_ops.base import clock, crumbs
from cango_ops.base.figures import dollars
from cango_ops.base.models import AuditEvent, User
from sites import agreements
from sites.costs.week import Week, drawn, week
from sites.models import Battery, PowerContract, Programme, Site, SolarPlant
from sites.models.contract import contract_on
from sites.tariffs import lines
from sites.tariffs.terms import BadTerms, Contract, Terms
from sites.tariffs.windows import billing_month
from sites.web.contract.form import BatteryForm, ContractForm, ProgrammeForm, SolarForm, written_terms

KINDS = {"fixed": "fixed", "tou": "by time of use", "index": "indexed"}


@dataclass(frozen=True)
class ContractRow:
    """One contract in words. may_remove: it does not hold yet."""

    row: PowerContract
    kind: str
    until: date | None
    words: list[str]
    is_now: bool
    may_remove: bool


@dataclass(frozen=True)
class Change:
    """One audit event: what became otherwise, field by field."""

    event: AuditEvent
    what: str
    fields: list[tuple[str, str, str]]


@dataclass(frozen=True)
class Forms:
    contract: ContractForm
    battery: BatteryForm
    solar: SolarForm
    programme: ProgrammeForm


@dataclass(frozen=True)
class Agreements:
    """now: the last week under the terms that hold.   then: under those in the form, once previewed."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    site: Site
    may_change: bool
    forms: Forms
    contracts: list[ContractRow]
    now: Week | None
    then: Week | None
    batteries: list[Battery]
    solar: SolarPlant | None
    programmes: list[Programme]
    changes: list[Change] = field(default_factory=list)


def today_at(site: Site) -> date:
    return clock.now().astimezone(ZoneInfo(site.time_zone)).date()


def forms_of(site: Site, data: Any = None, what: str = "") -> Forms:
    """Each with what stands; the one that was sent with what was said."""
    held = contract_on(site, today_at(site))
    battery = battery_named(site, data.get("battery-name", "").strip() if data and what == "battery" else "")
    solar = SolarPlant.objects.filter(site=site).first()

    def said(name: str) -> Any:
        return data if what == name else None

    return Forms(
        contract=ContractForm(said("contract"), initial=standing(held, site), instance=PowerContract(site=site)),
        battery=BatteryForm(said("battery"), instance=battery, prefix="battery"),
        solar=SolarForm(said("solar"), instance=solar or SolarPlant(site=site), prefix="solar"),
        programme=ProgrammeForm(
            said("programme"), instance=Programme(site=site), initial={"valid_from": today_at(site)}, prefix="programme"
        ),
    )


def battery_named(site: Site, name: str) -> Battery:
    """That battery, or a new one; without a name the first."""
    rows = Battery.objects.filter(site=site)
    found = rows.filter(name=name).first() if name else rows.order_by("name").first()
    return found or Battery(site=site)


def standing(held: PowerContract | None, site: Site) -> dict[str, Any]:
    """The form begins with the terms that hold, from the next month on."""
    begin = billing_month(clock.now(), site.time_zone)[1].astimezone(ZoneInfo(site.time_zone)).date()
    start: dict[str, Any] = {"valid_from": begin, "kind": "fixed", "price_usd_per_mwh": None}
    if held is not None:
        names = ("kind", "supplier", "price_usd_per_mwh", "market")
        start |= {name: getattr(held, name) for name in names}
    return start | written_terms(held)


def agreements_page(user: User, site: Site, shown: Forms, then: Week | None = None) -> Agreements:
    held = contract_on(site, today_at(site))
    where = (
        crumbs.COMPANY, crumbs.region(site.region.code, site.region.name), crumbs.site(site.code, site.name),
        crumbs.Crumb("Contract", f"/sites/{site.code}/contract/"),
    )  # fmt: skip
    return Agreements(
        title=answer(site, held),
        crumbs=where,
        site=site,
        may_change=agreements.may_change(user, site),
        forms=shown,
        contracts=contract_rows(site),
        now=week_of(site, held),
        then=then,
        batteries=list(Battery.objects.filter(site=site).order_by("name")),
        solar=SolarPlant.objects.filter(site=site).first(),
        programmes=list(Programme.objects.filter(site=site)),
        changes=[change(event) for event in agreements.history(site)],
    )


def answer(site: Site, held: PowerContract | None) -> str:
    if held is None:
        return f"{site.name}: no power contract holds today"
    price = dollars(held.price_usd_per_mwh, None, "/MWh")
    words = {"fixed": price, "tou": "by time of use", "index": f"the price of {held.market} and {price}"}
    return f"{site.name} pays {words[held.kind]}"


def week_of(site: Site, row: PowerContract | None) -> Week | None:
    try:
        return week(row.tariff(), drawn(site, clock.now())) if row is not None else None
    except BadTerms:
        return None


def previewed(site: Site, form: ContractForm) -> Week | None:
    """Of a valid form."""
    row = form.instance
    row.site = site
    return week_of(site, row)


# In words


def contract_rows(site: Site) -> list[ContractRow]:
    rows = list(site.power_contracts.all())
    today, held = today_at(site), contract_on(site, today_at(site))
    ends: list[date | None] = [None, *(row.valid_from for row in rows)]
    return [
        ContractRow(
            row=row, kind=KINDS[row.kind], until=end, words=list(words_of(row, site)),
            is_now=held is not None and row.pk == held.pk, may_remove=row.valid_from > today,
        )
        for row, end in zip(rows, ends, strict=False)
    ]  # fmt: skip


def words_of(row: PowerContract, site: Site) -> Iterator[str]:
    row.site = site
    try:
        contract = row.tariff()
    except BadTerms as why:
        yield f"its terms cannot be used: {why}"
        return
    yield price_words(row, contract)
    yield from terms_words(contract.terms)


def price_words(row: PowerContract, contract: Contract) -> str:
    terms, price = contract.terms, dollars(row.price_usd_per_mwh, None, "/MWh")
    if contract.kind == "fixed":
        return price
    if contract.kind == "index":
        index = terms.index.replace("_", "-")
        return f"{terms.multiplier.normalize():f} × the {index} price of {row.market} and {price}"
    return f"by the clock, and {price}"


def terms_words(terms: Terms) -> Iterator[str]:
    for period in terms.periods:
        yield f"{dollars(period.usd_per_mwh, None, '/MWh')} {period.name}: {lines.when_words(period.when) or 'always'}"
    for charge in terms.demand_charges:
        when = lines.when_words(charge.when) or "always"
        price = f"{dollars(charge.usd_per_mw, None, '/MW')} of the highest {charge.interval_min} min"
        yield f"demand charge {charge.name}: {price}, {when}"
    if peak := terms.coincident_peak:
        when = lines.when_words(peak.when) or "any time"
        price = dollars(peak.usd_per_mw, None, "/MW")
        yield f"coincident peak: {price}, one of {peak.hours_a_month} hours a month, {when}"
    if block := terms.take_or_pay:
        resale = "what is not taken is sold back" if block.resale else "without resale"
        yield f"take or pay: {block.mwh_a_month:f} MWh a month at {dollars(block.usd_per_mwh, None, '/MWh')}, {resale}"
    if export := terms.export:
        at = f"{export.index.replace('_', '-')} price and " if export.index else ""
        limit = f", at most {export.limit_mw:f} MW" if export.limit_mw is not None else ""
        yield f"fed in: {at}{dollars(export.usd_per_mwh, None, '/MWh')}{limit}"
    if terms.holidays:
        yield f"{len(terms.holidays)} holiday{'' if len(terms.holidays) == 1 else 's'}"


def change(event: AuditEvent) -> Change:
    before: dict[str, Any] = event.detail.get("before") or {}
    after: dict[str, Any] = event.detail.get("after") or {}
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    fields = [(name.replace("_", " "), shown(before.get(name)), shown(after.get(name))) for name in names]
    return Change(event, str(event.detail.get("what", "power contract")), fields)


def shown(value: Any) -> str:
    return "–" if value in (None, "", {}, []) else str(value)[:300]


def errors_of(form: forms.BaseForm, words: str, field: str = "") -> None:
    form.add_error(field or None, f"{words[:1].upper()}{words[1:]}.".replace("..", "."))
