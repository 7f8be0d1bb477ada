"""Files of others: downloaded, never rendered in our origin."""

from typing import Protocol
from urllib.parse import quote

from django.http import FileResponse, Http404

from goodword.core import files


class Kept(Protocol):
    name: str
    sha256: str


def download(kept: Kept) -> FileResponse:
    """The file under its own name, as octets that no browser opens. 404 when it is gone."""
    try:
        content = files.path_of(kept.sha256).open("rb")
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(kept.name, safe='')}"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response
