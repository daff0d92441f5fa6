"""The page of rules: what each watches, its limits here and everywhere, set by duty managers."""

from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from cango_ops.alerts.limits import LONGEST_HOLD_S, set_rule
from cango_ops.alerts.models import AlertSetting
from cango_ops.alerts.refusal import Refused
from cango_ops.alerts.rules import Rule, Setting
from cango_ops.base.answers import person
from cango_ops.base.crumbs import COMPANY, Crumb
from cango_ops.base.crumbs import site as site_crumb
from cango_ops.base.figures import duration, figure
from cango_ops.web.alerts.page import HERE
from cango_ops.web.alerts.table import RULES
from sites import rights
from sites.models import Site

# As people write it, and how many of it make the rule's own unit.
WRITTEN: Final = {"ratio": ("%", 100.0), "pct": ("%", 1.0), "c": ("°C", 1.0), "s": ("min", 1 / 60)}
ON_OFF: Final = {"": None, "on": True, "off": False}


@dataclass(frozen=True)
class Line:
    """A rule as it holds here. changed: what was set here, in words."""

    rule: Rule
    limit: str
    hold: str
    is_on: bool
    is_set_here: bool


@dataclass(frozen=True)
class LimitsPage:
    title: str
    crumbs: tuple[Crumb, ...]
    lines: tuple[Line, ...]
    code: str
    may_set: bool
    form: forms.Form


class RuleForm(forms.Form):
    """What holds for one rule. An empty field: as the console has it."""

    rule = forms.ChoiceField()
    limit = forms.FloatField(required=False, label="Limit", help_text="In the unit of the table; empty: the default.")
    hold_s = forms.FloatField(
        required=False,
        min_value=0,
        max_value=LONGEST_HOLD_S,
        label="Must hold for, seconds",
        help_text="Empty: the default.",
    )
    is_on = forms.ChoiceField(
        required=False, choices=[("", "As the default"), ("on", "On"), ("off", "Off")], label="Watched"
    )

    def __init__(self, *words: Any, of_site: bool, **named: Any) -> None:
        super().__init__(*words, **named)
        kept = [rule for rule in RULES.values() if rule.of_sites or not of_site]
        self.fields["rule"] = forms.ChoiceField(choices=[(rule.name, rule.title) for rule in kept], label="Rule")

    def setting(self) -> Setting:
        """In the rule's own units."""
        said = self.cleaned_data
        unit = RULES[said["rule"]].unit
        factor = WRITTEN[unit][1] if unit else 1.0
        limit = None if said["limit"] is None else said["limit"] / factor
        return Setting(limit, said["hold_s"], ON_OFF[said["is_on"]])


@login_required
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, code: str = "") -> HttpResponse:
    """Of every site, or of one."""
    site = get_object_or_404(Site.objects.visible_to(request.user), code=code) if code else None
    may_set = rights.may(person(request), rights.CONFIGURE, site)
    if request.method == "POST" and not may_set:
        raise PermissionDenied
    form = RuleForm(request.POST or None, of_site=site is not None)
    if form.is_valid():
        try:
            rule = RULES[form.cleaned_data["rule"]]
            set_rule(rule, site.pk if site else None, code, form.setting(), person(request))
        except Refused as why:
            form.add_error("limit", str(why))
        else:
            messages.success(request, f"Set: {rule.title}.")
            return redirect(request.path)
    shown = limits_page(site, may_set, form)
    return render(request, "alerts/limits.html", {"page": shown}, status=400 if form.errors else 200)


def limits_page(site: Site | None, may_set: bool, form: forms.Form) -> LimitsPage:
    rows = {(row.rule, row.site_id): row for row in AlertSetting.objects.all()}
    here = f"/alerts/rules/{site.code}/" if site else "/alerts/rules/"
    own = (site_crumb(site.code, site.name),) if site else ()
    return LimitsPage(
        title=f"What is watched at {site.code}" if site else f"{len(RULES)} rules watch every site",
        crumbs=(COMPANY, HERE, *own, Crumb("Rules", here)),
        lines=tuple(line(rule, rows, site) for rule in RULES.values() if rule.of_sites or site is None),
        code=site.code if site else "", may_set=may_set, form=form,
    )  # fmt: skip


def line(rule: Rule, rows: dict[tuple[str, int | None], AlertSetting], site: Site | None) -> Line:
    every, own = rows.get((rule.name, None)), rows.get((rule.name, site.pk)) if site else None
    kept = [row for row in (own, every) if row is not None]
    limit = next((row.limit for row in kept if row.limit is not None), rule.limit)
    hold_s = next((row.hold_s for row in kept if row.hold_s is not None), rule.hold_s)
    is_on = next((row.is_on for row in kept if row.is_on is not None), rule.is_on)
    return Line(
        rule, worded(limit, rule.unit), duration(hold_s) if hold_s else "at once", is_on, bool(own if site else every)
    )


def worded(limit: float | None, unit: str) -> str:
    if limit is None:
        return ""
    word, factor = WRITTEN[unit]
    return f"{figure(limit * factor, 'count').full} {word}"
