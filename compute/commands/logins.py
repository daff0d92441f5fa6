"""With whose word machines are told something: each machine's own sign-in, or what its maker ships."""

from collections.abc import Collection

from compute.models import Device
from compute.protocols.orders import FACTORY
from compute.protocols.signing import Login


def of_devices(device_ids: Collection[int]) -> dict[int, Login]:
    """By device; one without any is left out."""
    rows = Device.objects.filter(pk__in=device_ids).values_list("pk", "language")
    return {pk: FACTORY[language] for pk, language in rows if language in FACTORY}
