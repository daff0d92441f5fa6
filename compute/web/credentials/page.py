"""What the page of a site's logins shows: which are set, since when and by whom, and never what they are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms

from cango_ops.base import crumbs
from compute.credentials import LONGEST
from compute.models import Credential, Device
from compute.protocols import KNOW_A_LOGIN
from sites.models import Site

SECRET = forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"})
LANGUAGES = [(name, name) for name in sorted(KNOW_A_LOGIN)]


class LoginForm(forms.Form):
    """A login to be set. What was typed is never sent back."""

    language = forms.ChoiceField(choices=LANGUAGES)
    machine = forms.CharField(max_length=32, required=False, help_text="Empty: every machine of the language here.")
    user = forms.CharField(max_length=LONGEST, required=False, widget=SECRET, strip=False)
    password = forms.CharField(max_length=LONGEST, required=False, widget=SECRET, strip=False)
    token = forms.CharField(max_length=LONGEST, required=False, widget=SECRET)

    def __init__(self, *args: Any, site: Site, **options: Any) -> None:
        super().__init__(*args, **options)
        self.site = site

    def clean_machine(self) -> Device | None:
        """The machine at CONTAINER/SLOT of the site."""
        said = self.cleaned_data["machine"].strip()
        if not said:
            return None
        code, _, slot = said.partition("/")
        place = {"container__code": code, "slot": int(slot) if slot.isdecimal() and len(slot) < 6 else 0}
        found = Device.objects.filter(site=self.site, **place).select_related("container").first()
        if found is None:
            raise forms.ValidationError("No machine stands there; write its place as C01/7.")
        return found


@dataclass(frozen=True)
class LoginView:
    """One login that is set."""

    id: UUID
    language: str
    machine: str
    set_at: datetime
    set_by: str


@dataclass(frozen=True)
class CredentialsPage:
    """unset: languages spoken here that know a sign-in and have none."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    site: Site
    logins: tuple[LoginView, ...]
    unset: tuple[str, ...]
    form: LoginForm


def credentials_page(site: Site, form: LoginForm) -> CredentialsPage:
    rows = Credential.objects.filter(site=site).select_related("device__container")
    logins = tuple(LoginView(row.pk, row.language, place(row.device), row.set_at, row.set_by) for row in rows)
    spoken = Device.objects.filter(site=site, language__in=KNOW_A_LOGIN).order_by().values_list("language", flat=True)
    covered = {login.language for login in logins if not login.machine}
    where = (
        crumbs.COMPANY, crumbs.region(site.region.code, site.region.name), crumbs.site(site.code, site.name),
        crumbs.Crumb("Logins", f"/sites/{site.code}/credentials/"),
    )  # fmt: skip
    unset = tuple(sorted(set(spoken.distinct()) - covered))
    return CredentialsPage(f"Logins of the machines of {site.name}", where, site, logins, unset, form)


def place(device: Device | None) -> str:
    return f"{device.container.code}/{device.slot}" if device else ""
