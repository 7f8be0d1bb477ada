"""Django's settings. What an operator may choose stands in options.py, with its reason."""

import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pysqlite3

# Django's backend must get this SQLite: 3.51.2 and older can lose commits in WAL
# (docs/decisions/0003-sqlite.md).
sys.modules["sqlite3"] = pysqlite3
sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2

from django.db.backends.sqlite3 import base  # noqa: E402

from goodword.config import options, secrets  # noqa: E402
from goodword.core.store import settings_of  # noqa: E402

# Django tries whether it knows JSON by a transaction, and once for each thread: one that began
# while the database was locked took that for a no and never showed a case again.
base.DatabaseFeatures.supports_json_field = True  # type: ignore

ROOT = Path(__file__).resolve().parent.parent
DATA = options.path("GOODWORD_DATA")
SECRET_KEY = options.text("GOODWORD_SECRET_KEY") or secrets.secret_key(DATA)
DEBUG = bool(options.option("GOODWORD_DEBUG"))
ALLOWED_HOSTS = options.words("GOODWORD_HOSTS") or ["*"]
PUBLIC_URL = options.text("GOODWORD_URL").rstrip("/")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "goodword.core",
    "goodword.journal",
    "goodword.staff",
    "goodword.people",
    "goodword.articles",
    "goodword.promises",
    "goodword.cases",
    "goodword.finding",
    "goodword.notifying",
    "goodword.channels.mail",
    "goodword.desk",
    "goodword.portal",
    "goodword.settings",
    "goodword.worker",
]

MIDDLEWARE = [
    "goodword.core.middleware.timed",
    "django.middleware.security.SecurityMiddleware",
    "goodword.core.middleware.headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "goodword.core.middleware.patience",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "goodword.desk.middleware.language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "goodword.staff.middleware.sessions_seen",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "goodword.core.middleware.refusals",
]

ROOT_URLCONF = "goodword.config.urls"
WSGI_APPLICATION = "goodword.config.wsgi.application"
LOADERS = "django.template.loaders"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [("goodword.core.steady.Loader", [f"{LOADERS}.app_directories.Loader"])],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "goodword.core.templatetags.goodword",
                "goodword.settings.templatetags.settings_room",
            ],
        },
    }
]


def database(url: str, data: Path) -> dict[str, object]:
    if not url:
        return {
            "ENGINE": "goodword.core.sqlite3",
            "NAME": data / "goodword.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                # What was parsed stays parsed, 17 kilobytes for each of twenty connections. With
                # a hundred, one in sixteen is parsed anew; with 150 as with 500, one in seventy.
                "cached_statements": 200,
                # Two megabytes of pages for each connection: what is read is mapped from the file,
                # and with sixteen a process of six threads was 30 MB larger for nothing.
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; "
                    "PRAGMA cache_size=-2000; PRAGMA mmap_size=134217728;"
                ),
            },
        }
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            # A host that is gone is noticed in seconds, whatever TCP would wait for.
            "connect_timeout": 3,
            "tcp_user_timeout": 4000,
            # What `core.statements` asks for the third time is kept parsed and planned.
            "prepare_threshold": 2,
            # Ours join nine tables to show few rows that were found first; where PostgreSQL orders
            # no more than eight it read all promises (370 ms for Today, of 20,000 cases; 61).
            # And a plan is for all values: what ours look for is in the statement, not in a value.
            "options": "-c join_collapse_limit=10 -c from_collapse_limit=10 -c jit=off"
            " -c plan_cache_mode=force_generic_plan",
        },
    }


DATABASES = {"default": database(options.text("GOODWORD_DATABASE_URL"), DATA)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "staff.Member"
AUTHENTICATION_BACKENDS = ["goodword.staff.backends.Members"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "goodword.staff.passwords.NotOurNames"},
]
# Members are invited; what is used of django-allauth is what it knows of passkeys, codes and
# OpenID Connect. None of its own pages has an address (docs/decisions/0013-sign-in.md).
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
MFA_ADAPTER = "goodword.staff.adapters.Factors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODE_DIGITS = 10
SOCIALACCOUNT_ADAPTER = "goodword.staff.adapters.CompanySignIn"
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": options.company_sign_in()}}
SSO_JOIN = options.words("GOODWORD_SSO_JOIN")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "staff_shared",
    }
}

LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "today"
SESSION_ENGINE = "goodword.staff.sessions"
SESSION_IDLE = 86400 * options.number("GOODWORD_SESSION_IDLE_DAYS")
SESSION_COOKIE_AGE = 86400 * options.number("GOODWORD_SESSION_DAYS")
# Over HTTPS no neighbour and no plain page can set a cookie of these names for us.
COOKIE_PREFIX = "__Host-" if options.option("GOODWORD_HTTPS") else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}goodword_session"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}goodword_csrf"
MESSAGE_STORAGE = "goodword.core.toasts.Toasts"
CSRF_FAILURE_VIEW = "goodword.core.views.form_too_old"
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = bool(options.option("GOODWORD_HTTPS"))
SECURE_HSTS_SECONDS = 31536000 if SESSION_COOKIE_SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
# `check --deploy` asks about what is not ours to decide: other names below the domain and the list
# that browsers ship (W005, W021); http is led on by the proxy that ends TLS (W008); and W019 below.
SILENCED_SYSTEM_CHECKS = [f"security.{each}" for each in ("W005", "W008", "W019", "W021")]
X_FRAME_OPTIONS = "SAMEORIGIN"  # the cleaned HTML mail stands in a sandboxed frame of our own

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        # Places on the ruler and hues of teams; customers' words never stand in a style.
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
        "frame-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'self'"],
    }
}

LANGUAGE_CODE = options.text("GOODWORD_LANGUAGE") or "en-gb"
LANGUAGES = [("en-gb", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [ROOT / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA / "files"},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
FILES = options.text("GOODWORD_FILES")
if FILES:
    STORAGES["files"] = settings_of(FILES)
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600

PUSH_PRIVATE = bool(options.option("GOODWORD_PUSH_PRIVATE"))
OUTGOING = options.text("GOODWORD_OUTGOING")
METRICS_TOKEN = options.text("GOODWORD_METRICS_TOKEN")
BACKUPS = options.folder("GOODWORD_BACKUP_FOLDER")
MAIL_LISTENER = (
    options.text("GOODWORD_SMTP_HOST"),
    options.number("GOODWORD_SMTP_PORT"),
    options.number("GOODWORD_LMTP_PORT"),
)
MAIL_LIMIT = options.number("GOODWORD_MAIL_LIMIT_MB") * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024  # a pasted text of 5 MB still fits
FILE_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

LOG_FORMAT = options.text("GOODWORD_LOG_FORMAT")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "goodword.core.logs.WithoutTokens",
            "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
        "json": {"()": "goodword.core.logs.AsJSON"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": options.text("GOODWORD_LOG_LEVEL")},
    # apprise tells whole addresses, and the tokens in them
    "loggers": {"django.request": {"level": "ERROR"}, "apprise": {"level": "CRITICAL"}},
}
