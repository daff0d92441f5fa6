"""Health for probes and people: is the process up, and is all there that it needs."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from cango_ops.base import clock, parts

RETRY_AFTER_S = 5


@login_not_required
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """The process answers. Asks nobody else."""
    return JsonResponse({"state": "ok", "at": clock.now()})


@login_not_required
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 where the console can do its work, degraded where something is away that it can do without, else 503."""
    states = parts.states()
    failed = any(part.needed and not part.is_ok for part in states)
    degraded = any(not (part.is_ok or part.advice) for part in states)
    answer = JsonResponse(
        {
            "state": "failed" if failed else "degraded" if degraded else "ok",
            "at": clock.now(),
            "parts": {part.name: described(part) for part in states},
        },
        status=503 if failed else 200,
    )
    if failed:
        answer["Retry-After"] = str(RETRY_AFTER_S)
    return answer


def described(part: parts.PartState) -> dict[str, object]:
    return {"state": part.state, "since": part.since, "detail": part.words}
