"""Which of the languages that the desk writes a browser, a mail or a person means."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header


def offered() -> dict[str, str]:
    """The languages in which the desk writes, by their codes."""
    return dict(settings.LANGUAGES)


def supported(code: str) -> str:
    """Ours for a code such as “de-AT” or “en”; "" where we do not write that one."""
    try:
        return get_supported_language_variant(code.strip().lower()) if code.strip() else ""
    except LookupError:
        return ""


def asked_for(request: HttpRequest) -> list[str]:
    """The languages that this browser asks for, best first, in lower case: “de-at”, “de”."""
    wanted = parse_accept_lang_header(request.headers.get("Accept-Language", "")[:500])
    return [code for code, _quality in wanted if code != "*"]


def of_browser(request: HttpRequest) -> str:
    """The first language that the browser asks for and we write; "" for none."""
    return next((found for code in asked_for(request) if (found := supported(code))), "")
