"""The Django app of what came of it."""

from django.apps import AppConfig


class Treasury(AppConfig):
    name = "treasury"
