"""Files that wait with a draft: which go with the message, and whether they would arrive."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.translation import gettext as _

from goodword.cases.models import Attachment, Draft
from goodword.channels.mail.composing import file_name
from goodword.core.refusals import Refused
from goodword.desk.typed import whole

Upload: TypeAlias = "UploadedFile[Any]"
MEGABYTE = 1024 * 1024


def room() -> int:
    """Octets of files that fit into one mail: in a mail each three become four (RFC 2045)."""
    limit: int = settings.MAIL_LIMIT
    return limit * 3 // 4 * 76 // 78


def room_in_words() -> str:
    return f"{max(room() / MEGABYTE, 0.1):.0f}" if room() > MEGABYTE else f"{room() / MEGABYTE:.1f}"


def too_large(name: str) -> str:
    sentence = _(
        "With “%(name)s” the files are larger than %(limit)s MB, so the mail would not arrive. "
        "Leave it out, or put it where they can fetch it and send the address."
    )
    return sentence % {"name": name, "limit": room_in_words()}


def left_out(data: QueryDict) -> set[int]:
    """The files whose box was there and is not ticked: they stay behind."""
    here = {pk for text in data.getlist("file_here") if (pk := whole(text)) is not None}
    return here - {pk for text in data.getlist("file") if (pk := whole(text)) is not None}


def keep_files(draft: Draft, files: Iterable[Upload], out: set[int]) -> list[Attachment]:
    """Keep them with the draft. Refused (422) from the first that would not fit any more."""
    there = sum(draft.attachments.exclude(pk__in=out).values_list("size", flat=True))
    kept: list[Attachment] = []
    for file in files:
        there += file.size or 0
        name = file_name(file.name or "")
        if there > room():
            raise Refused("TOO_LARGE", too_large(name), 422)
        kept.append(Attachment.keep(name, file.read(), file.content_type or "", draft=draft))
    return kept
