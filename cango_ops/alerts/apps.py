"""The Django app of the alerts."""

from django.apps import AppConfig


class Alerts(AppConfig):
    name = "cango_ops.alerts"
    label = "alerts"
