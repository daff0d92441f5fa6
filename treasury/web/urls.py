"""Addresses of the treasury."""

from django.urls import include, path

from treasury.web import views

urlpatterns = [
    path("treasury/", views.page, name="treasury"),
    path("treasury/panel/", views.panel, name="treasury-panel"),
    path("treasury/", include("treasury.web.proposals.urls")),
    path("treasury/", include("treasury.web.loan.views")),
    path("treasury/", include("treasury.web.access.views")),
    path("treasury/reports/", include("treasury.web.reports.urls")),
]
