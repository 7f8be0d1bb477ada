"""Which files are pictures: by their first bytes, whatever anybody calls them."""

# Of a picture that stands in a message, on a page or in a mail.
MOST_BYTES = 10 * 1024 * 1024


def raster_kind(content: bytes) -> str | None:
    """The kind of picture by its first bytes; never SVG, which can hold a script."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp"
    return None
