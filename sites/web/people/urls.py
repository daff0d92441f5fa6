"""Addresses of people."""

from django.urls import path

from sites.web.people import views

urlpatterns = [
    path("", views.listed, name="people"),
    path("<int:pk>/", views.one, name="person"),
    path("<int:pk>/roles/<int:membership>/take/", views.take, name="person-role-take"),
    path("<int:pk>/deactivate/", views.deactivate, name="person-deactivate"),
    path("<int:pk>/reactivate/", views.reactivate, name="person-reactivate"),
    path("<int:pk>/invite/", views.invite, name="person-invite"),
]
