"""The region that an address asks for."""

import re
from typing import Final

from django.core.exceptions import BadRequest
from django.http import HttpRequest

SLUG: Final = re.compile(r"[-\w]{0,32}")


def region_of(request: HttpRequest) -> str:
    region = request.GET.get("region", "")
    if not SLUG.fullmatch(region):
        raise BadRequest("region is no code such as middle-east.")
    return region
