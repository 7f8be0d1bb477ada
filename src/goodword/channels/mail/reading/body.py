"""Which parts of a mail are its words and which are files."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

from . import limits, page, trouble, words
from .kinds import Attachment
from .tree import Part, content_type, note

_EXTENSIONS = {
    "text/plain": "txt", "text/html": "html", "text/calendar": "ics", "text/csv": "csv",
    "text/vcard": "vcf", "text/x-vcard": "vcf", "text/rfc822-headers": "txt", "image/png": "png",
    "image/jpeg": "jpg", "image/jpg": "jpg", "image/gif": "gif", "image/webp": "webp",
    "image/bmp": "bmp", "image/tiff": "tif", "image/heic": "heic", "image/svg+xml": "svg",
    "application/pdf": "pdf", "application/zip": "zip", "application/json": "json",
    "application/msword": "doc", "application/rtf": "rtf", "application/xml": "xml",
    "application/vnd.ms-excel": "xls", "application/vnd.ms-powerpoint": "ppt",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/pgp-signature": "asc", "application/pgp-encrypted": "asc",
    "application/pkcs7-signature": "p7s", "application/pkcs7-mime": "p7m", "audio/mpeg": "mp3",
    "audio/wav": "wav", "audio/ogg": "ogg", "audio/amr": "amr", "video/mp4": "mp4",
    "video/quicktime": "mov", "message/rfc822": "eml", "message/delivery-status": "txt",
}  # fmt: skip
_FILE_NAME_BAD = re.compile(r'[<>:"|?*]')


@dataclass
class Body:
    """The words and the files of a mail."""

    text: str = ""
    html: str = ""
    has_remote_images: bool = False
    attachments: list[Attachment] = field(default_factory=list)


@dataclass
class _Segment:
    """A stretch of the message that is there as text, as HTML, or as both."""

    text: str | None = None
    html: str | None = None


class _Collector:
    """Walks the tree once, in order, and sorts its leaves."""

    def __init__(self, odd: list[str]) -> None:
        self.odd = odd
        self.segments: list[_Segment] = []
        self.files: list[Attachment] = []

    def collect(self, part: Part, segment: _Segment | None = None) -> None:
        """Depth is bounded by the tree's own limit."""
        if part.is_multipart:
            if part.content_type == "multipart/alternative" and segment is None:
                segment = _Segment()
                self.segments.append(segment)
            for child in part.children:
                self.collect(child, segment)
        elif _is_words(part):
            self._take_words(part, segment)
        else:
            self._take_file(part)

    def _take_words(self, part: Part, segment: _Segment | None) -> None:
        kind = "html" if part.content_type == "text/html" else "text"
        if segment is None or getattr(segment, kind) is not None:
            segment = _Segment()
            self.segments.append(segment)
        setattr(segment, kind, self._text_of(part, kind))

    def _text_of(self, part: Part, kind: str) -> str:
        content, whole = part.content()
        if not whole:
            note(self.odd, trouble.BAD_BASE64)
        charset = part.parameters.get("charset", "") or (_charset_in(content) if kind == "html"
                                                         else "")  # fmt: skip
        text = words.clean(words.decoded(content, charset))
        if "�" in text:
            note(self.odd, trouble.BAD_CHARSET)
        if kind == "text" and part.parameters.get("format", "").lower() == "flowed":
            text = unflowed(text, part.parameters.get("delsp", "").lower() == "yes")
        return text

    def _take_file(self, part: Part) -> None:
        if not part.body.strip() and part.content_type.startswith("multipart/"):
            return
        content, whole = part.content()
        if not whole:
            note(self.odd, trouble.BAD_BASE64)
        disposition, _ = content_type(words.unfolded(part.first("content-disposition")))
        content_id = words.one_line(part.text("content-id"), 300).strip("<> ")
        inline = disposition != "attachment" and bool(content_id)
        name = file_name(part, len(self.files) + 1)
        kind = part.content_type if "/" in part.content_type else "application/octet-stream"
        self.files.append(Attachment(name, kind, content, content_id, inline))


def collected(root: Part, odd: list[str]) -> Body:
    """Text, cleaned HTML and files of a mail."""
    collector = _Collector(odd)
    collector.collect(root)
    body = Body(attachments=collector.files)
    texts = []
    for segment in collector.segments:
        if segment.html is not None and not page.is_bearable(segment.html):
            _put_aside(body, segment, odd)
        texts.append(_text_of(segment))
    body.text = _capped("\n\n".join(text for text in texts if text.strip()), body, odd)
    if any(segment.html is not None for segment in collector.segments):
        _clean_html(body, collector.segments, odd)
    return body


def _text_of(segment: _Segment) -> str:
    if segment.html is not None and not (segment.text or "").strip():
        return words.clean(page.as_text(segment.html))
    return (segment.text or "").strip("\n")


def _put_aside(body: Body, segment: _Segment, odd: list[str], why: str = "") -> None:
    """Keep HTML that is too much for the cleaner as a file, its words as far as they are plain."""
    note(odd, why or trouble.HTML_TOO_LARGE)
    source = segment.html or ""
    body.attachments.append(Attachment("message.html", "text/html", source.encode()))
    if not (segment.text or "").strip():
        segment.text = _words_without_parsing(source)
    segment.html = None


def _words_without_parsing(source: str) -> str:
    source = _without_scripts(source[: limits.TEXT_CHARACTERS])
    source = re.sub(r"(?i)<(?:br|/p|/div|/tr|/li)\b[^<>]{0,500}>", "\n", source)
    text = html.unescape(re.sub(r"<[^<>]{0,5000}(?:>|$)", "", source))
    return words.clean(re.sub(r"[ \t]+", " ", re.sub(r"\s*\n\s*", "\n", text))).strip()


def _without_scripts(source: str) -> str:
    """Leave out what is between <script> and </script> and the like, in linear time."""
    lower, kept, at = source.lower(), [], 0
    for match in re.finditer(r"<(script|style|head|title)\b", lower):
        if match.start() < at:
            continue
        kept.append(source[at : match.start()])
        end = lower.find(f"</{match.group(1)}", match.end())
        if end < 0:
            return "".join(kept)
        at = end
    return "".join([*kept, source[at:]])


def _clean_html(body: Body, segments: list[_Segment], odd: list[str]) -> None:
    source = "\n".join(
        segment.html
        if segment.html is not None
        else f"<pre>{html.escape(segment.text or '')}</pre>"
        for segment in segments
    )
    if not page.is_bearable(source):
        _put_aside(body, _Segment(text=" ", html=source), odd)
        return
    body.html, body.has_remote_images = page.cleaned(source)


def _capped(text: str, body: Body, odd: list[str]) -> str:
    if len(text) <= limits.TEXT_CHARACTERS:
        return text
    note(odd, trouble.TEXT_CUT)
    body.attachments.append(Attachment("message.txt", "text/plain", text.encode()))
    return text[: limits.TEXT_CHARACTERS]


def _is_words(part: Part) -> bool:
    if part.content_type.startswith("multipart/"):
        # Its parts could not be told apart: somebody has to read it as it is.
        return part.depth == 0
    if part.content_type not in ("text/plain", "text/html", "text", "text/enriched"):
        return part.depth == 0 and "/" not in part.content_type
    disposition, parameters = content_type(words.unfolded(part.first("content-disposition")))
    return disposition != "attachment" and "filename" not in parameters


def _charset_in(content: bytes) -> str:
    match = re.search(rb"(?i)<meta[^>]{0,300}charset\s{0,5}=\s{0,5}[\"']?([\w-]{1,40})",
                      content[:4096])  # fmt: skip
    return match.group(1).decode("ascii") if match else ""


def file_name(part: Part, number: int) -> str:
    """A name that is safe to offer: no folders, no control or bidi characters, never empty."""
    _, disposition = content_type(words.unfolded(part.first("content-disposition")))
    name = disposition.get("filename") or part.parameters.get("name") or ""
    name = words.one_line(words.with_words_decoded(name), 1_000)
    name = re.split(r"[/\\]", name)[-1]
    name = _FILE_NAME_BAD.sub("_", name).strip(". ")
    stem, dot, extension = name.rpartition(".")
    if dot and len(extension) <= 10:
        name = f"{stem[: limits.FILE_NAME_CHARACTERS - 11]}.{extension}"
    name = name[: limits.FILE_NAME_CHARACTERS]
    return name or f"attachment-{number}.{_EXTENSIONS.get(part.content_type, 'bin')}"


def unflowed(text: str, delete_space: bool) -> str:
    """Lines that a mailer broke at a blank put together again (RFC 3676 § 4)."""
    out: list[str] = []
    flowing_at = -1
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        is_signature = content == "-- "
        flows = content.endswith(" ") and not is_signature
        if flows and delete_space:
            content = content[:-1]
        if flowing_at == depth and not is_signature:
            out.append(content)
        else:
            out.append(("\n" if out else "") + ">" * depth + (" " if depth else "") + content)
        flowing_at = depth if flows else -1
    return "".join(out)
