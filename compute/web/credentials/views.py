"""The page on which managers set the logins of a site's machines; what is set is never shown again."""

from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from cango_ops.base.answers import person
from cango_ops.base.models import User
from compute import credentials
from compute.credentials import CredentialRefused
from compute.protocols.signing import Login
from compute.web.credentials.page import LoginForm, credentials_page
from compute.web.site_rights import site_to
from sites import rights


@sensitive_post_parameters()
@never_cache
@login_required
@reauthentication_required(allow_get=True)
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, code: str) -> HttpResponse:
    """Lists which logins are set; a POST sets one."""
    site = site_to(request, code, rights.CONFIGURE)
    form = LoginForm(request.POST or None, site=site)
    if form.is_valid() and was_set(person(request), form):
        messages.success(request, f"The login for {form.cleaned_data['language']} is set.")
        return redirect("credentials", site.code)
    context = {"page": credentials_page(site, form)}
    return render(request, "sites/credentials.html", context, status=400 if form.errors else 200)


def was_set(actor: User, form: LoginForm) -> bool:
    """False, and the reason in the form, where the login cannot be."""
    said = form.cleaned_data
    login = Login(said["user"], said["password"], said["token"])
    try:
        credentials.keep(actor, form.site, said["language"], login, said["machine"])
    except CredentialRefused as refused:
        form.add_error(refused.parameter if refused.parameter in form.fields else None, str(refused))
        return False
    return True


@login_required
@reauthentication_required
@require_POST
def remove(request: HttpRequest, code: str, login: UUID) -> HttpResponse:
    site = site_to(request, code, rights.CONFIGURE)
    if not credentials.remove(person(request), site, login):
        raise Http404
    messages.success(request, "The login is removed; its machines are asked without one.")
    return redirect("credentials", site.code)
