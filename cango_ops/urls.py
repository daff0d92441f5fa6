"""Every address of the console."""

from django.urls import include, path

handler400 = "cango_ops.web.errors.bad_request"
handler403 = "cango_ops.web.errors.forbidden"
handler404 = "cango_ops.web.errors.not_found"
handler500 = "cango_ops.web.outage.server_error"
urlpatterns = [
    path("health/", include("cango_ops.web.health_urls")),
    path("", include("cango_ops.web.urls")),
    path("", include("sites.web.urls")),
    path("", include("compute.web.urls")),
    path("", include("treasury.web.urls")),
    path("accounts/", include("allauth.urls")),
    path("account/tokens/", include("sites.web.token_pages")),
    path("api/", include("cango_ops.web.api_root")),
]
