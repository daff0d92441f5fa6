"""The Django app of the push to browsers."""

from django.apps import AppConfig


class Live(AppConfig):
    name = "cango_ops.live"
    label = "live"
