"""A logo drawn anew: what comes out is pixels, whatever went in."""

import io
import warnings

from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from goodword.core.refusals import Refused

LARGEST = 2 * 1024 * 1024
MOST_PIXELS = 24_000_000
BOX = (640, 240)
FORMATS = ("PNG", "JPEG", "WEBP")


def drawn_anew(content: bytes) -> bytes:
    """The picture as a PNG within the box, without anything that stood beside its pixels.

    Refused, with a sentence, for whatever is no such picture: a script, an SVG, a bomb.
    """
    if len(content) > LARGEST:
        _refuse(_("This file has more than 2 MB. Save the logo smaller and try again."))
    start = content[:1000].lstrip().lower()
    if b"<svg" in start or b"<?xml" in start:
        _refuse(_("An SVG can carry a script, so it is not taken. Save the logo as PNG."))
    if start.startswith((b"<", b"#!", b"<?php", b"%pdf")):
        _refuse(_("This file is no picture. Choose a PNG, a JPEG or a WebP."))
    try:
        return _png(content)
    except (UnidentifiedImageError, Image.DecompressionBombWarning, Image.DecompressionBombError,
            OSError, ValueError, SyntaxError) as error:  # fmt: skip
        sentence = _("This picture cannot be read. Choose a PNG, a JPEG or a WebP.")
        raise Refused("BAD_LOGO", sentence, 422) from error


def _png(content: bytes) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(io.BytesIO(content), formats=FORMATS) as found:
            # The size is in the head, so a bomb is refused before it is unpacked.
            if found.width * found.height > MOST_PIXELS:
                _refuse(_("This picture has too many pixels. Save the logo smaller."))
            picture = found.convert("RGBA")
    picture.thumbnail(BOX)
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def _refuse(sentence: str) -> None:
    raise Refused("BAD_LOGO", sentence, 422)
