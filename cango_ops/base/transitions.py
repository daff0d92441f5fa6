"""A change of state by compare-and-set: one UPDATE that finds the old state and hits exactly one row."""

from typing import Any

from django.db import models, transaction


class HitSeveral(Exception):
    """The rows meant by a transition were more than one; nothing was changed."""


def move(row: models.Model | models.QuerySet[Any], field: str, old: object, new: object, /, **changes: object) -> bool:
    """Sets `field` from `old` to `new`, and the other columns with it; False where somebody else was first.

    row: a model instance (its pk is used; its attributes follow the change) or a queryset that means one row.
    """
    if isinstance(row, models.QuerySet):
        return _hit_one(row, field, old, {field: new, **changes})
    moved = _hit_one(type(row)._default_manager.filter(pk=row.pk), field, old, {field: new, **changes})
    if moved:
        row.refresh_from_db(fields=[field, *changes])
    return moved


def _hit_one(rows: models.QuerySet[Any], field: str, old: object, values: dict[str, object]) -> bool:
    still = {f"{field}__isnull": True} if old is None else {field: old}
    with transaction.atomic():
        hit = rows.filter(**still).update(**values)
        if hit > 1:
            raise HitSeveral(f"{hit} rows of {rows.model.__name__} had {field}={old!r}")
    return hit == 1
