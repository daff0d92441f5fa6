"""The theme: kept at the person, and in a cookie for the pages before sign-in."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from cango_ops.base.models import User

COOKIE = "theme"
A_YEAR_S = 365 * 24 * 3600


def chosen(request: HttpRequest) -> str:
    return request.user.theme if request.user.is_authenticated else of_cookie(request)


def of_cookie(request: HttpRequest) -> str:
    kept = request.COOKIES.get(COOKIE, "")
    return kept if kept in User.Theme.values else User.Theme.SYSTEM


@login_not_required
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Keeps the chosen theme, then goes back to where the person was (204 for the script)."""
    theme = request.POST.get("theme", "")
    if theme not in User.Theme.values:
        return HttpResponse(f"theme={theme[:20]} is not known: expected system, dark or light.", status=400)
    if request.user.is_authenticated:
        User.objects.filter(pk=request.user.pk).update(theme=theme)
    answer = back(request) if "text/html" in request.headers.get("accept", "") else HttpResponse(status=204)
    answer.set_cookie(COOKIE, theme, A_YEAR_S, secure=request.is_secure(), httponly=True, samesite="Lax")
    return answer


def back(request: HttpRequest) -> HttpResponse:
    target = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return HttpResponseRedirect(target if safe else "/")
