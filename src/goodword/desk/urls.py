"""The addresses of the desk. Each module of views lists its own in `urls`."""

from goodword.desk.views import cases, customers, files, inbox, live, operating, promises, today
from goodword.desk.views import signing_in as signing_in

urlpatterns = [
    *signing_in.urls,
    *today.urls,
    *inbox.urls,
    *cases.urls,
    *promises.urls,
    *customers.urls,
    *files.urls,
    *operating.urls,
    *live.urls,
]
