"""The addresses of the desk. Each module of views lists its own in `urls`."""

from goodword.desk.views import (
    acting,
    cases,
    customers,
    files,
    inbox,
    live,
    marking,
    opening,
    operating,
    outgoing,
    promises,
    promising,
    replying,
    search,
    signing_in,
    today,
)

urlpatterns = [
    *signing_in.urls,
    *today.urls,
    *inbox.urls,
    *cases.urls,
    *replying.urls,
    *acting.urls,
    *marking.urls,
    *opening.urls,
    *promises.urls,
    *promising.urls,
    *customers.urls,
    *search.urls,
    *files.urls,
    *operating.urls,
    *outgoing.urls,
    *live.urls,
]
