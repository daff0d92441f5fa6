"""Addresses of the treasury."""

from django.urls import include, path

from treasury.web import views

urlpatterns = [
    path("treasury/", views.page, name="treasury"),
    path("treasury/panel/", views.panel, name="treasury-panel"),
    path("treasury/reports/", include("treasury.web.reports.urls")),
]
