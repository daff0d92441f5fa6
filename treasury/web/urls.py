"""Addresses of the treasury."""

from django.urls import include, path

from treasury.web import views
from treasury.web.ai import views as ai
from treasury.web.production import views as production
from treasury.web.stress import views as stress
from treasury.web.value import views as value
from treasury.web.wallets import views as wallets

urlpatterns = [
    path("treasury/", views.page, name="treasury"),
    path("treasury/panel/", views.panel, name="treasury-panel"),
    path("treasury/value/", value.page, name="treasury-value"),
    path("treasury/value/told/", value.told, name="treasury-told"),
    path("treasury/stress/", stress.page, name="treasury-stress"),
    path("treasury/ai/", ai.page, name="treasury-ai"),
    path("treasury/", include("treasury.web.proposals.urls")),
    path("treasury/", include("treasury.web.loan.views")),
    path("treasury/", include("treasury.web.access.views")),
    path("treasury/", include("treasury.web.embargo.views")),
    path("treasury/production/", production.page, name="production"),
    path("treasury/production/breaks/<int:number>/", production.say, name="production-break"),
    path("treasury/production/statement/", production.send, name="production-statement"),
    path("treasury/wallets/", wallets.page, name="wallets"),
    path("treasury/wallets/do/<slug:deed>/", wallets.act, name="wallets-act"),
    path("treasury/reports/", include("treasury.web.reports.urls")),
]
