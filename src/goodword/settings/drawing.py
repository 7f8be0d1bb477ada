"""A logo drawn anew: what comes out is pixels, or shapes that we know, whatever went in."""

import hashlib
import io
import warnings

from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from goodword.core import files
from goodword.core.refusals import Refused
from goodword.settings.vector import built_anew

LARGEST = 2 * 1024 * 1024
MOST_PIXELS = 24_000_000
BOX = (640, 240)
FORMATS = ("PNG", "JPEG", "WEBP")


def kept(content: bytes) -> str:
    """Keep a logo that was sent, drawn anew; its name is its hash with what it is."""
    is_svg = b"<svg" in content[:4000].lower()
    if is_svg:
        return f"{files.keep(built_anew(content))}.svg"
    return f"{files.keep(drawn_anew(content))}.png"


def kept_as_it_was(name: str, content: bytes) -> None:
    """Keep a logo of another desk under its name. Refused where it is not what we had drawn."""
    digest, _dot, ending = name.partition(".")
    if hashlib.sha256(content).hexdigest() != digest or ending not in ("png", "svg"):
        _refuse(_("“%(name)s” is not the file that its name says.") % {"name": name[:20]})
    if ending == "svg" and built_anew(content) != content:
        _refuse(_("“%(name)s” is not a logo of a desk like this one.") % {"name": name[:20]})
    if ending == "png":
        drawn_anew(content)
    files.keep(content)


def drawn_anew(content: bytes) -> bytes:
    """The picture as a PNG within the box, without anything that stood beside its pixels.

    Refused, with a sentence, for whatever is no such picture: a script, a bomb.
    """
    if len(content) > LARGEST:
        _refuse(_("This file has more than 2 MB. Save the logo smaller and try again."))
    start = content[:1000].lstrip().lower()
    if start.startswith((b"<", b"#!", b"<?php", b"%pdf")):
        _refuse(_("This file is no picture. Choose a PNG, a JPEG, a WebP or an SVG."))
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
