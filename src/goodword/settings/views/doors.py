"""Who may change settings, and by which methods."""

from django.views.decorators.http import require_http_methods

from goodword.staff.access import needs
from goodword.staff.rights import Right

manages = needs(Right.SETTINGS)
reads_and_writes = require_http_methods(["GET", "HEAD", "POST"])
