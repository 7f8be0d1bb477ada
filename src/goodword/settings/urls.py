"""The addresses of the settings room. Each module of views lists its own in `urls`."""

from goodword.settings.views import holidays, hours, mailboxes, pages, teams

urlpatterns = [*pages.urls, *hours.urls, *holidays.urls, *teams.urls, *mailboxes.urls, *pages.last]
