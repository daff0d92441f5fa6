"""Addresses of the treasury."""

from django.urls import include, path

from treasury.web import views
from treasury.web.ai import views as ai
from treasury.web.stress import views as stress
from treasury.web.value import views as value

urlpatterns = [
    path("treasury/", views.page, name="treasury"),
    path("treasury/panel/", views.panel, name="treasury-panel"),
    path("treasury/value/", value.page, name="treasury-value"),
    path("treasury/value/told/", value.told, name="treasury-told"),
    path("treasury/stress/", stress.page, name="treasury-stress"),
    path("treasury/ai/", ai.page, name="treasury-ai"),
    path("treasury/reports/", include("treasury.web.reports.urls")),
]
