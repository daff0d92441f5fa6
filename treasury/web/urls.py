"""Addresses of the treasury."""

from django.urls import path

from treasury.web import views

urlpatterns = [
    path("treasury/", views.page, name="treasury"),
    path("treasury/panel/", views.panel, name="treasury-panel"),
]
