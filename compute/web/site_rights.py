"""A site for whoever may do something there: what one may not see is not there, what one may not do is refused."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from cango_ops.base.models import User
from sites import rights
from sites.models import Site


def site_to(request: HttpRequest, code: str, right: str) -> Site:
    """Raises Http404 and PermissionDenied."""
    sites = Site.objects.visible_to(request.user).select_related("region", "operator")
    site = get_object_or_404(sites, code=code)
    if not may(request, right, site):
        raise PermissionDenied
    return site


def may(request: HttpRequest, right: str, site: Site) -> bool:
    return isinstance(request.user, User) and rights.may(request.user, right, site)
