"""Django as WSGI, for the threads of the server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodword.config.settings")
application = get_wsgi_application()
