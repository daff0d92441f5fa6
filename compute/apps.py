"""The Django app of the machines."""

from django.apps import AppConfig


class Compute(AppConfig):
    name = "compute"
