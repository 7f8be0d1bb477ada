"""The addresses of the settings room. Each module of views lists its own in `urls`."""

from goodword.settings.views import pages

urlpatterns = [*pages.urls, *pages.last]
