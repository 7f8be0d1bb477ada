"""Where Django keeps the sentences that the next page shows: a cookie named as our others are."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class InCookie(CookieStorage):
    cookie_name = f"{settings.COOKIE_PREFIX}goodword_toasts"


class Toasts(FallbackStorage):
    storage_classes = (InCookie, SessionStorage)
