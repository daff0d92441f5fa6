"""Addresses of saved views."""

from django.urls import path

from cango_ops.web.saved import views

urlpatterns = [
    path("", views.listed, name="views"),
    path("menu/", views.menu, name="views-menu"),
    path("save/", views.save, name="view-save"),
    path("<int:pk>/", views.opened, name="view"),
    path("<int:pk>/remove/", views.remove, name="view-remove"),
]
