"""Addresses of alerts."""

from django.urls import path

from cango_ops.web.alerts import limit_views, route_views, views

urlpatterns = [
    path("", views.alerts, name="alerts"),
    path("panel/", views.panel, name="alerts-panel"),
    path("count/", views.count, name="alerts-count"),
    path("needs/", views.needs, name="alerts-needs"),
    path("of/<slug:code>/", views.of_site, name="alerts-of-site"),
    path("rules/", limit_views.page, name="alert-rules"),
    path("rules/<slug:code>/", limit_views.page, name="alert-rules-of-site"),
    path("messages/", route_views.page, name="alert-routes"),
    path("messages/<int:pk>/remove/", route_views.remove, name="alert-route-remove"),
    path("silences/<int:pk>/end/", views.end_silence, name="alert-silence-end"),
    path("<int:pk>/", views.alert, name="alert"),
    path("<int:pk>/panel/", views.one_panel, name="alert-panel"),
    path("<int:pk>/acknowledge/", views.acknowledge_it, name="alert-acknowledge"),
    path("<int:pk>/note/", views.comment_it, name="alert-note"),
    path("<int:pk>/silence/", views.silence_it, name="alert-silence"),
]
