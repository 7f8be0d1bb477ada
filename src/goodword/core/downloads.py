"""Files of others: downloaded, never rendered in our origin."""

from typing import Protocol
from urllib.parse import quote

from django.http import FileResponse, Http404, HttpResponse

from goodword.core import files
from goodword.core.pictures import MOST_BYTES, raster_kind


class Kept(Protocol):
    name: str
    sha256: str
    size: int


def download(kept: Kept) -> FileResponse:
    """The file under its own name, as octets that no browser opens. 404 when it is gone."""
    try:
        content = files.opened(kept.sha256)
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(kept.name, safe='')}"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def picture(kept: Kept) -> HttpResponse:
    """A picture to be shown in a page, by what its bytes say it is; 404 for anything else."""
    try:
        content = files.read(kept.sha256) if kept.size <= MOST_BYTES else b""
    except FileNotFoundError:
        raise Http404 from None
    kind = raster_kind(content)
    if kind is None:
        raise Http404
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = "inline"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response
