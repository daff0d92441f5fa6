"""The Django app of the ground floor."""

from django.apps import AppConfig


class Base(AppConfig):
    name = "cango_ops.base"
    label = "base"
