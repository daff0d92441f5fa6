"""Addresses of labels and of what they open; these are printed, so they stay."""

from django.urls import path

from cango_ops.web.phone import views

urlpatterns = [
    path("at/", views.asked, name="look-up"),
    path("at/<slug:site>/<slug:code>/<int:slot>/", views.machine, name="at-machine"),
    path("at/<slug:site>/<slug:code>/<int:slot>/panel/", views.panel, name="at-machine-panel"),
    path("labels/<slug:site>/", views.labels, name="labels"),
    path("labels/<slug:site>/<slug:code>/", views.labels, name="labels-of-container"),
]
