"""Pictures for articles: only pixels come in, under a name and with words of their own."""

from typing import Literal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from goodword.articles.models import Article, ArticlePicture
from goodword.core import files
from goodword.core.pictures import raster_kind
from goodword.core.refusals import Refused
from goodword.journal.recording import record
from goodword.staff.models import Member

MOST_BYTES = 5 * 1024 * 1024


@transaction.atomic
def add_picture(article: Article, content: bytes, alt: str, *, by: Member) -> ArticlePicture:
    """Keep a picture for this article. Refused without words for who cannot see it."""
    alt = " ".join(alt.replace("[", "(").replace("]", ")").split())[:300]
    if not alt:
        sentence = _("Say what the picture shows, for who cannot see it.")
        raise Refused("NO_DESCRIPTION", sentence, 422)
    if len(content) > MOST_BYTES:
        raise Refused("TOO_BIG", _("A picture may have 5 MB. Make it smaller."), 422)
    kind = raster_kind(content)
    if kind is None:
        sentence = _("This is no picture that we can show. Use PNG, JPEG, GIF or WebP.")
        raise Refused("NO_PICTURE", sentence, 422)
    content = without_whereabouts(content) if kind == "image/jpeg" else content
    picture = ArticlePicture.objects.create(
        article=article, alt=alt, content_type=kind, size=len(content), by=by,
        sha256=files.keep(content),
    )  # fmt: skip
    record(None, "article_changed", by=by, facts={"article": article.pk, "fields": ["pictures"]})
    return picture


def without_whereabouts(content: bytes) -> bytes:
    """A photo without what a phone writes into it: where it was taken, when, by which camera.

    JPEG (ITU-T T.81, B.1.1): segments APP1 (Exif, XMP) and APP13 are left out, up to the scan.
    Which way up it is held stays.
    """
    out, at, way_up = bytearray(content[:2]), 2, 1
    while at + 4 <= len(content) and content[at] == 0xFF and content[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        if content[at + 1] not in (0xE1, 0xED):
            out += content[at:end]
        elif content[at + 4 : at + 10] == b"Exif\0\0":
            way_up = _way_up(content[at + 10 : end])
        at = end
    return bytes(out[:2] + _held(way_up) + out[2:] + content[at:])


def _way_up(tiff: bytes) -> int:
    """The tag 0x0112 (orientation, 1 to 8) of the first directory; 1 where there is none."""
    order: Literal["little", "big"] = "little" if tiff[:2] == b"II" else "big"

    def whole(at: int, octets: int) -> int:
        return int.from_bytes(tiff[at : at + octets], order)

    first = whole(4, 4)
    for entry in range(first + 2, first + 2 + 12 * min(whole(first, 2), 100), 12):
        if whole(entry, 2) == 0x0112 and 1 <= whole(entry + 8, 2) <= 8:
            return whole(entry + 8, 2)
    return 1


def _held(way_up: int) -> bytes:
    if way_up == 1:
        return b""
    tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0" + bytes([way_up]) + bytes(6)
    segment = b"Exif\0\0" + tiff
    return b"\xff\xe1" + (len(segment) + 2).to_bytes(2, "big") + segment
