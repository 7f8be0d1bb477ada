"""The addresses of the settings room. Each module of views lists its own in `urls`."""

from goodword.settings.views import (
    accounts,
    calendars,
    file,
    holidays,
    hours,
    logo,
    mail,
    mailboxes,
    members,
    pages,
    policies,
    roles,
    sign_ins,
    teams,
    words,
)

urlpatterns = [
    *mail.urls,
    *words.urls,
    *policies.urls,
    *file.urls,
    *logo.urls,
    *pages.urls,
    *hours.urls,
    *holidays.urls,
    *calendars.urls,
    *accounts.urls,
    *teams.urls,
    *mailboxes.urls,
    *members.urls,
    *roles.urls,
    *sign_ins.urls,
    *pages.last,
]
