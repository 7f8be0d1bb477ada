"""Every address of the desk and of the customer's page."""

from django.urls import include, path

from goodword.config.health import health, metrics, ready

urlpatterns = [
    path("healthz", health, name="health"),
    path("readyz", ready, name="ready"),
    path("metrics", metrics, name="metrics"),
    path("", include("goodword.desk.urls")),
    path("settings/", include("goodword.settings.urls")),
    path("", include("goodword.portal.open_urls")),
    path("c/", include("goodword.portal.urls")),
]
handler400 = "goodword.core.views.unreadable"
handler403 = "goodword.core.views.refused"
handler404 = "goodword.core.views.not_found"
handler500 = "goodword.core.views.broken"
