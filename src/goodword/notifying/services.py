"""Services that apprise knows, by the address that a member wrote: ntfy, Slack, Telegram, …"""

from __future__ import annotations

import sys
from typing import Any
from urllib.parse import unquote

from django.utils.translation import gettext as _

from goodword.core.outward import inside_sentence, led_inside, outside
from goodword.core.refusals import Refused
from goodword.notifying.outward import NotSent
from goodword.notifying.wording import Word

LONGEST = 1000
# These would read a file of the desk's machine and send it away.
_FILES = frozenset({"template", "keyfile", "subfile", "path", "file", "config", "attach", "pem"})
# What speaks by anything but HTTP is not under the guard of `outside`.
_NOT_HTTP = frozenset({"smtplib", "paho", "slixmpp", "subprocess", "dbus", "socket"})
_NOT_HERE = frozenset({"vapid", "fcm"})


def service(url: str) -> Any:
    """The service at this address. Refused where there is none that may be used."""
    import apprise  # 180 modules, for those who have a service

    if len(url) > LONGEST or _names_a_file(url):
        sentence = _("Leave out everything that names a file, and keep it below 1000 letters.")
        raise Refused("NO_FILES", sentence, 422)
    asset = apprise.AppriseAsset(async_mode=False, plugin_paths=[], secure_logging=True)
    found = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if found is None or not _is_by_http(found):
        sentence = _(
            "No service is known by this address. It looks like ntfy://topic or "
            "slack://token/channel; each is described at appriseit.com."
        )
        raise Refused("NO_SERVICE", sentence, 422)
    return found


def name_of(found: Any) -> str:
    """“ntfy (ntfy.sh)”: never the whole address, which is a secret."""
    host = getattr(found, "host", "") or ""
    kind = str(found.service_name)
    return f"{kind} ({host})" if "." in str(host) else kind


def send(address: dict[str, Any], word: Word) -> None:
    """Raises NotSent. Takes some seconds at most."""
    import apprise

    try:
        found = service(address["url"])
    except Refused as refusal:
        raise NotSent(str(refusal.sentence)) from refusal
    led_inside()
    with outside():
        # Not by apprise.Apprise, which would go on in a thread of its own.
        sent = found.notify(
            title=word.title, body=word.whole, body_format=apprise.NotifyFormat.TEXT
        )
    if led_inside():
        raise NotSent(inside_sentence())
    if not sent:
        raise NotSent(_("The service did not answer, or did not take it."))


def _names_a_file(url: str) -> bool:
    """Wherever it stands: apprise takes addresses apart otherwise than a browser does."""
    plain = unquote(unquote(url)).lower()
    return any(f"{name}=" in plain for name in _FILES)


def _is_by_http(found: Any) -> bool:
    module = sys.modules[type(found).__module__]
    names = set(vars(module))
    part = module.__name__.removeprefix("apprise.plugins.").partition(".")[0]
    return "requests" in names and not names & _NOT_HTTP and part not in _NOT_HERE
