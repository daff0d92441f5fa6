"""Addresses of the monthly reports, under /treasury/reports/."""

from django.urls import path

from treasury.web.reports import entries, price, source, told, views

urlpatterns = [
    path("", views.index, name="reports"),
    path("entry/", entries.entry, name="report-entry"),
    path("subscribers/", told.subscribers, name="report-subscribers"),
    path("subscribers/<slug:deed>/", told.subscribe, name="report-subscribe"),
    path("<slug:month>/access/", told.access, name="report-access"),
    path("<slug:month>/sites/<slug:code>/", source.source, name="report-source"),
    path("<slug:month>/sites/<slug:code>/<slug:day>/", source.source, name="report-source-day"),
    path("<slug:month>/entries/<slug:code>/", entries.entries, name="report-entries"),
    path("<slug:month>/price/", price.price, name="report-price"),
    path("<slug:month>/job/", views.job, name="report-job"),
    path("<slug:month>/", views.month, name="report-month"),
    path("<slug:month>/do/<slug:deed>/", views.act, name="report-act"),
    path("<slug:month>/<int:version>/", views.month, name="report-version"),
    path("<slug:month>/<int:version>/figures/<slug:code>/", views.figure, name="report-figure"),
    path("<slug:month>/<int:version>/files/<str:name>", views.download, name="report-file"),
]
