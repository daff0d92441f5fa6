"""Nobody sees anything before signing in, but health, the sign-in pages and what stands in static files."""

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import resolve_url
from django_htmx.http import HttpResponseClientRedirect

from cango_ops.base.database import AWAY
from cango_ops.base.problems import MEDIA_TYPE, problem
from cango_ops.web.outage import answer_for, wants_json


class SignedInOnly:
    """Middleware. Views say with Django's `login_not_required` that they are open; the API's judge by themselves."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., object], *words: object) -> HttpResponse | None:
        if not getattr(view, "login_required", True):
            return None
        try:
            return None if request.user.is_authenticated else to_sign_in(request)
        except AWAY as error:
            return answer_for(request, error)


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """A page goes to the sign-in page and back; a fragment takes its page there; a program is told 401."""
    if htmx_page := getattr(request, "htmx", None):
        words = urlencode({"next": htmx_page.current_url_abs_path or "/"})
        return HttpResponseClientRedirect(f"{resolve_url(settings.LOGIN_URL)}?{words}")
    if wants_json(request):
        return unauthorised()
    return redirect_to_login(request.get_full_path(), resolve_url(settings.LOGIN_URL))


def unauthorised() -> HttpResponse:
    status = HTTPStatus.UNAUTHORIZED
    answer = JsonResponse(problem(status, "not_authenticated", "Sign in, or send a token."), status=status)
    answer["Content-Type"] = MEDIA_TYPE
    answer["WWW-Authenticate"] = "Bearer"
    return answer
