"""Account ids by code; an account that is not there yet is opened."""

from collections.abc import Iterable

from treasury.models import Account


def ids_of(codes: Iterable[str]) -> dict[str, int]:
    wanted = set(codes)
    found = dict(Account.objects.filter(code__in=wanted).values_list("code", "id"))
    missing = sorted(wanted - found.keys())
    if missing:
        Account.objects.bulk_create([Account(code=code) for code in missing], ignore_conflicts=True)
        found |= dict(Account.objects.filter(code__in=missing).values_list("code", "id"))
    return found
