"""Addresses of proposals, the address book and the policy, under /treasury/."""

from django.urls import path

from treasury.web.proposals import views

urlpatterns = [
    path("proposals/", views.index, name="proposals"),
    path("proposals/export.csv", views.export, name="proposals-export"),
    path("proposals/new/", views.new, name="proposal-new"),
    path("proposals/ask/", views.ask, name="proposal-ask"),
    path("proposals/<int:pk>/", views.detail, name="proposal"),
    path("proposals/<int:pk>/do/<slug:deed>/", views.act, name="proposal-act"),
    path("addresses/", views.addresses, name="treasury-addresses"),
    path("addresses/<int:pk>/retire/", views.retire, name="beneficiary-retire"),
    path("policy/", views.policy, name="treasury-policy"),
]
