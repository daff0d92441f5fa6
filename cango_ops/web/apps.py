"""The Django app of the pages that join the apps."""

from django.apps import AppConfig


class Web(AppConfig):
    name = "cango_ops.web"
    label = "web"
