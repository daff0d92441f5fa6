"""The Celery app. The broker only wakes somebody up: every task is safe to lose and safe to run twice."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cango_ops.settings")

app = Celery("cango_ops")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
