"""What moves as one tier: machines of one model, those with power limits apart by the language that sets them.

The name says both, so that machines are found again from a stored decision.
"""

from typing import Final

from django.db.models import Q, QuerySet

from compute.models import Device
from compute.protocols.orders import limited_languages
from sites.models import Site

# How every unit of nodes is called at the beginning, whoever has bought them.
NODES: Final = "GPU nodes"
SPOT: Final = f"{NODES} by the hour"
LIMITED: Final = frozenset(limited_languages())


def tier_of(model: str, language: str) -> str:
    return f"{model} ({language})" if model and language in LIMITED else model or language


def machines_of(site: Site, tier: str) -> QuerySet[Device]:
    rows = Device.objects.filter(site=site)
    if tier.startswith(NODES):
        return rows.filter(is_gpu=True)
    model, _, language = tier.removesuffix(")").rpartition(" (")
    if model and language in LIMITED:
        return rows.filter(model=model, language=language, is_gpu=False)
    plain = Q(model=tier) & ~Q(language__in=LIMITED)
    return rows.filter(plain | Q(model="", language=tier), is_gpu=False)
