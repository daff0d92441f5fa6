"""With whose word machines are told something: the logins that are kept for them, the same as for reading."""

from collections.abc import Collection

from compute import credentials
from compute.models import Device
from compute.protocols.signing import Login


def of_devices(device_ids: Collection[int]) -> dict[int, Login]:
    """By device; one without any is left out."""
    rows = list(Device.objects.filter(pk__in=device_ids).values_list("pk", "site_id", "language"))
    kept = credentials.logins({site_id for _, site_id, _ in rows})
    found = {pk: kept.of(pk, site_id, language) for pk, site_id, language in rows}
    return {pk: login for pk, login in found.items() if login is not None}
