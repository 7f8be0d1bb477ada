"""What a customer typed, read strictly and answered kindly."""

from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from goodword.core.refusals import Refused

LONGEST_WORDS = 100_000
MOST_FILES = 20


def words(request: HttpRequest, name: str, *, needed: bool = True) -> str:
    """A text of several lines. Refused when empty where it is needed, or far too long."""
    text = request.POST.get(name, "").replace("\r\n", "\n").replace("\0", "").strip()
    if needed and not text:
        raise Refused("NO_TEXT", _("Write a line first; then send it."), 422)
    if len(text) > LONGEST_WORDS:
        sentence = _("That is more than %(most)s characters. Send the rest as a file.")
        most = number_format(LONGEST_WORDS, force_grouping=True)
        raise Refused("TOO_LONG", sentence % {"most": most}, 422)
    return text


def one_line(request: HttpRequest, name: str, longest: int) -> str:
    return " ".join(request.POST.get(name, "").replace("\0", "").split())[:longest]


def instant(request: HttpRequest, name: str, zone: str) -> datetime:
    """A date and time of the form, read in the business's zone, as an instant in UTC.

    Refused when it cannot be read, or names an hour that the change of clocks skips.
    """
    text = request.POST.get(name, "").strip()
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        raise Refused("NO_TIME", _("Choose a day and a time."), 422) from None
    if local.tzinfo is None:
        local = local.replace(tzinfo=ZoneInfo(zone))
    at = local.astimezone(UTC)
    if at.astimezone(local.tzinfo).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise Refused("NO_TIME", _("The clocks change then: that hour does not exist."), 422)
    return at


def check_files(files: "Iterable[UploadedFile[bytes]]") -> None:
    """Refused when the files together are more than a mail may hold."""
    every = list(files)
    most = settings.MAIL_LIMIT
    if sum(file.size or 0 for file in every) > most or len(every) > MOST_FILES:
        sentence = _("That is too much at once: %(most)s MB in %(files)s files at most.")
        values = {"most": most // (1024 * 1024), "files": MOST_FILES}
        raise Refused("TOO_BIG", sentence % values, 422)
