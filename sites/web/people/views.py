"""People of the console, for those who administer: a list with who is added to it, and a page of each."""

from collections.abc import Callable
from functools import wraps

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from cango_ops.base.answers import person
from cango_ops.base.models import User
from sites import password_links, people
from sites.models import Role
from sites.people import IsHere, PeopleRefused
from sites.web.people.forms import PersonForm, RoleForm
from sites.web.people.page import people_page, person_page

Deed = Callable[..., HttpResponse | None]


@never_cache
@login_required
@reauthentication_required(allow_get=True)
@require_http_methods(["GET", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """Who is here; a POST adds somebody."""
    reach = people.reach_of(person(request))
    if not reach:
        raise PermissionDenied
    form, known = PersonForm(request.POST or None, within=reach), None
    if form.is_valid():
        try:
            return added(request, form)
        except PeopleRefused as refused:
            known = put_in(form, refused)
    form.begin_at_what_is_wrong()
    context = {"page": people_page(reach, form, known), "only_zone": True}
    return render(request, "people/people.html", context, status=400 if form.errors else 200)


def put_in(form: RoleForm, refused: PeopleRefused) -> User | None:
    """Says the refusal at its field; who is here already, where it is for that."""
    form.add_error(refused.parameter if refused.parameter in form.fields else None, str(refused))
    return refused.person if isinstance(refused, IsHere) else None


def added(request: HttpRequest, form: PersonForm) -> HttpResponse:
    """Raises PeopleRefused."""
    actor, said = person(request), form.cleaned_data
    new = people.add(actor, said["email"], said["name"], said["role"], form.place)
    messages.success(request, f"{new} is added.")
    link = sent(request, new)
    if not link:
        return redirect("people")
    reach = people.reach_of(actor)
    page = people_page(reach, PersonForm(within=reach), link=link)
    return render(request, "people/people.html", {"page": page, "only_zone": True})


def sent(request: HttpRequest, invited: User) -> str:
    """The link, where it did not go by mail."""
    link = password_links.send(invited)
    if not link:
        messages.success(request, f"A link to set a password went to {invited.email}.")
    return link


@never_cache
@login_required
@reauthentication_required(allow_get=True)
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One person; a POST gives a role."""
    actor = person(request)
    reach = people.reach_of(actor)
    found = get_object_or_404(people.seen_in(reach), pk=pk)
    form = RoleForm(request.POST or None, within=reach, initial=request.GET.dict())
    if form.is_valid():
        try:
            people.give(actor, found, form.cleaned_data["role"], form.place)
        except PeopleRefused as refused:
            put_in(form, refused)
        else:
            messages.success(request, f"{found} is {Role(form.cleaned_data['role']).label.lower()} at {form.place}.")
            return redirect("person", found.pk)
    form.begin_at_what_is_wrong()
    context = {"page": person_page(actor, reach, found, form), "only_zone": True}
    return render(request, "people/person.html", context, status=400 if form.errors else 200)


def deed(do: Deed) -> Callable[..., HttpResponse]:
    """A view of one press about one person whom the reader manages: done, or refused in a sentence, and back there."""

    @never_cache
    @login_required
    @require_POST
    @reauthentication_required
    @wraps(do)
    def view(request: HttpRequest, pk: int, **words: int) -> HttpResponse:
        found = get_object_or_404(people.seen_in(people.reach_of(person(request))), pk=pk)
        try:
            answer = do(request, found, **words)
        except PeopleRefused as refused:
            messages.error(request, str(refused))
            answer = None
        return answer or back(request, found)

    return view


def back(request: HttpRequest, found: User) -> HttpResponse:
    """To the person's page; to the list, where their last role in the reader's reach has gone."""
    is_seen = people.seen_in(people.reach_of(person(request))).filter(pk=found.pk).exists()
    return redirect("person", found.pk) if is_seen else redirect("people")


@deed
def take(request: HttpRequest, found: User, membership: int) -> None:
    held = people.take(person(request), found, membership)
    messages.success(request, f"{found} is {held.get_role_display().lower()} there no more.")


@deed
def deactivate(request: HttpRequest, found: User) -> None:
    people.deactivate(person(request), found)
    messages.success(request, f"{found} is out: sessions and API tokens have ended.")


@deed
def reactivate(request: HttpRequest, found: User) -> HttpResponse | None:
    people.reactivate(person(request), found)
    messages.success(request, f"{found} may sign in again, once a new password is set.")
    return invited(request, found)


@deed
def invite(request: HttpRequest, found: User) -> HttpResponse | None:
    people.invite(person(request), found)
    return invited(request, found)


def invited(request: HttpRequest, found: User) -> HttpResponse | None:
    """The page with the link on it, where it did not go by mail."""
    found.refresh_from_db()
    link = sent(request, found)
    if not link:
        return None
    actor = person(request)
    reach = people.reach_of(actor)
    page = person_page(actor, reach, found, RoleForm(within=reach), link)
    return render(request, "people/person.html", {"page": page, "only_zone": True})
