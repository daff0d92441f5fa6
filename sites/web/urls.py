"""Addresses of people and of a site's agreements and calls.

They come before the machines' ones, where any other word below a site is a container.
"""

from django.urls import include, path

from sites.web.contract import views as contract
from sites.web.programmes import views as programmes

urlpatterns = [
    path("sites/<slug:code>/contract/", contract.page, name="contract"),
    path("sites/<slug:code>/contract/remove/", contract.remove, name="contract-remove"),
    path("sites/<slug:code>/contract/battery/", contract.battery, name="contract-battery"),
    path("sites/<slug:code>/contract/battery/remove/", contract.remove_battery, name="contract-battery-remove"),
    path("sites/<slug:code>/contract/solar/", contract.solar, name="contract-solar"),
    path("sites/<slug:code>/contract/programme/", contract.programme, name="contract-programme"),
    path("people/", include("sites.web.people.urls")),
    path("sites/<slug:code>/programmes/", programmes.page, name="programmes"),
    path("sites/<slug:code>/programmes/calls/<int:pk>/withdraw/", programmes.withdraw, name="call-withdraw"),
]
