"""Addresses of handovers."""

from django.urls import path

from cango_ops.web.handover import views

urlpatterns = [
    path("", views.listed, name="handovers"),
    path("new/", views.new, name="handover-new"),
    path("<int:pk>/", views.one, name="handover"),
    path("<int:pk>/confirm/", views.confirm, name="handover-confirm"),
]
