"""Every setting that comes from the environment, in one table.

`goodword check` reads it, docs/operating.md is tested against it, and settings.py
takes its values from here and from nowhere else.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from goodword.core.store import settings_of


@dataclass(frozen=True)
class Option:
    name: str
    default: str
    help: str
    read: Callable[[str], object] = str

    def value(self) -> object:
        """The option as read from the environment; ValueError names it when it cannot be read."""
        text = os.environ.get(self.name, self.default)
        try:
            return self.read(text)
        except ValueError as error:
            raise ValueError(f"{self.name}={text!r}: {error}") from error


def _yes_or_no(text: str) -> bool:
    if text.lower() in {"1", "yes", "true", "on"}:
        return True
    if text.lower() in {"", "0", "no", "false", "off"}:
        return False
    raise ValueError("write yes or no")


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _path(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _log_format(text: str) -> str:
    if text in {"plain", "json"}:
        return text
    raise ValueError("write plain or json")


def _store(text: str) -> str:
    if text:
        settings_of(text)
    return text


def _auto_or_number(text: str) -> str:
    if text == "auto" or (text.isdecimal() and int(text) >= 1):
        return text
    raise ValueError("write auto, or a number from 1 on")


OPTIONS = (
    Option("GOODWORD_DATA", "./data", "Folder of the database, the files and the secrets.", _path),
    Option("GOODWORD_DATABASE_URL", "", "postgres://user:password@host:port/name; empty: SQLite."),
    Option(
        "GOODWORD_FILES", "", "s3://bucket/folder for files; empty: in the data folder.", _store
    ),
    Option("GOODWORD_SECRET_KEY", "", "Signs sessions and links; empty: kept in secrets.json."),
    Option("GOODWORD_DEBUG", "no", "Django's debug pages. Never where customers are.", _yes_or_no),
    Option("GOODWORD_HOSTS", "", "Host names that are answered, by commas; empty: any.", _words),
    Option("GOODWORD_URL", "", "Public address, as https://desk.example.com; for links in mail."),
    Option("GOODWORD_HTTP_HOST", "127.0.0.1", "Address that the web server listens on."),
    Option("GOODWORD_HTTP_PORT", "8000", "Port of the web server.", int),
    Option("GOODWORD_SMTP_HOST", "127.0.0.1", "Address that the mail listener listens on."),
    Option("GOODWORD_SMTP_PORT", "2525", "Port of the SMTP listener; 0: no listener.", int),
    Option("GOODWORD_LMTP_PORT", "0", "Port of the LMTP listener; 0: no listener.", int),
    Option("GOODWORD_MAIL_LIMIT_MB", "25", "Largest mail taken, and largest upload, in MB.", int),
    Option(
        "GOODWORD_WEB_PROCESSES",
        "auto",
        "Processes that answer web requests; auto: one for every ten members, one a core at most.",
        _auto_or_number,
    ),
    Option("GOODWORD_THREADS", "6", "Threads of each of these that answer at the same time.", int),
    Option("GOODWORD_READERS", "1", "Limited child processes that read mail.", int),
    Option("GOODWORD_TRUSTED_PROXIES", "127.0.0.1", "Proxies whose X-Forwarded-* count.", _words),
    Option("GOODWORD_HTTPS", "no", "Cookies over HTTPS only, and HSTS.", _yes_or_no),
    Option("GOODWORD_SESSION_IDLE_DAYS", "14", "Days without a page that end a session.", int),
    Option("GOODWORD_SESSION_DAYS", "60", "Days after which one signs in again anyway.", int),
    Option("GOODWORD_SSO_URL", "", "Address of your company’s OpenID Connect sign-in."),
    Option("GOODWORD_SSO_NAME", "", "What the button calls it, as Example Ltd; empty: Company."),
    Option("GOODWORD_SSO_CLIENT", "", "The client id that it gave this desk."),
    Option("GOODWORD_SSO_SECRET", "", "The secret that it gave this desk."),
    Option("GOODWORD_SSO_JOIN", "", "Domains whose people join as light members by it.", _words),
    Option(
        "GOODWORD_PUSH_PRIVATE",
        "no",
        "Notifications and sign-in for mail may go to private addresses.",
        _yes_or_no,
    ),
    Option("GOODWORD_OUTGOING", "", "maildir:PATH keeps outgoing mail in a folder (the demo)."),
    Option("GOODWORD_BACKUP_FOLDER", "", "Where a backup is made each day; empty: nowhere."),
    Option("GOODWORD_BACKUP_KEEP", "14", "How many backups stay there, the newest; 0: all.", int),
    Option("GOODWORD_LANGUAGE", "", "Language of the desk where the business has set none."),
    Option("GOODWORD_LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR."),
    Option("GOODWORD_LOG_FORMAT", "plain", "plain, or json for one object a line.", _log_format),
    Option("GOODWORD_METRICS_TOKEN", "", "Who says it may read /metrics; empty: nobody."),
)
_BY_NAME = {option.name: option for option in OPTIONS}


def option(name: str) -> object:
    return _BY_NAME[name].value()


def text(name: str) -> str:
    return str(option(name))


def number(name: str) -> int:
    value = option(name)
    assert isinstance(value, int)
    return value


def words(name: str) -> list[str]:
    value = option(name)
    assert isinstance(value, list)
    return value


def path(name: str) -> Path:
    value = option(name)
    assert isinstance(value, Path)
    return value


def folder(name: str) -> Path | None:
    """A folder that need not be named."""
    return _path(text(name)) if text(name) else None


def company_sign_in() -> list[dict[str, Any]]:
    """The one OpenID Connect provider, as django-allauth wants it; none where none is set."""
    url, client = text("GOODWORD_SSO_URL"), text("GOODWORD_SSO_CLIENT")
    if not (url and client):
        return []
    return [
        {
            "provider_id": "company",
            "name": text("GOODWORD_SSO_NAME") or "Company",
            "client_id": client,
            "secret": text("GOODWORD_SSO_SECRET"),
            "settings": {"server_url": url.rstrip("/"), "oauth_pkce_enabled": True},
        }
    ]
