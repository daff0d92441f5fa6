"""The Django app of the places and their power. Its label is why django.contrib.sites stays out."""

from django.apps import AppConfig


class Sites(AppConfig):
    name = "sites"
