"""Addresses of events."""

from django.urls import path

from cango_ops.web.events import views

urlpatterns = [
    path("", views.page, name="events"),
    path("panel/", views.panel, name="events-panel"),
    path("list/", views.listed, name="events-list"),
    path("note/", views.write, name="note-write"),
    path("notes/<int:pk>/", views.note, name="note"),
]
