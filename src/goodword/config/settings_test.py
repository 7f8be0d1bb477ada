"""Settings of the test run: a data folder of its own and a fast password hasher."""

import atexit
import os
import shutil
import tempfile

os.environ.setdefault("GOODWORD_SECRET_KEY", "only for tests")
os.environ["GOODWORD_DATA"] = tempfile.mkdtemp(prefix="goodword-test-")
atexit.register(shutil.rmtree, os.environ["GOODWORD_DATA"], ignore_errors=True)

from goodword.config.settings import *  # noqa: E402, F403
from goodword.config.settings import DATABASES  # noqa: E402

# Argon2 made whole suites fifteen times slower.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
PUBLIC_URL = "http://desk.test"
ALLOWED_HOSTS = ["*"]
if str(DATABASES["default"]["ENGINE"]).endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {
        "NAME": os.path.join(os.environ["GOODWORD_DATA"], "test.sqlite3")
    }
