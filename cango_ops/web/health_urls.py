"""Addresses of the health answers; they stand before everything else."""

from django.urls import path

from cango_ops.web import health

urlpatterns = [
    path("live", health.live, name="health-live"),
    path("ready", health.ready, name="health-ready"),
]
