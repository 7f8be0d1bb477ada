"""Bytes and headers as words: charsets, encoded words, and what may not be in a text."""

from __future__ import annotations

import binascii
import codecs
import re
from functools import lru_cache

from . import limits

# What mailers write and what they mean. The web's table (encoding.spec.whatwg.org) is followed
# where Python's is narrower: ISO-8859-1 in mail is Windows-1252, GB2312 is GB 18030.
_ALIASES = {
    "iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252", "iso-8859-9": "cp1254", "iso-8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gb_2312-80": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030",
    "cp936": "gb18030", "chinesebig5": "big5hkscs", "big5": "big5hkscs", "cn-big5": "big5hkscs",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932",
    "iso-2022-jp": "iso2022_jp_ext", "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949",
    "euc-kr": "cp949", "ksc5601": "cp949", "korean": "cp949", "iso-8859-8-i": "iso8859_8",
    "iso-8859-8-e": "iso8859_8", "iso-8859-6-i": "iso8859_6", "windows-874": "cp874",
    "x-mac-roman": "mac_roman", "macintosh": "mac_roman", "x-mac-cyrillic": "mac_cyrillic",
    "unicode-1-1-utf-8": "utf-8", "utf8mb4": "utf-8", "x-utf-8": "utf-8", "utf": "utf-8",
    "unicode-1-1-utf-7": "utf-7", "cp-850": "cp850", "win-1251": "cp1251", "win1251": "cp1251",
    "x-cp1251": "cp1251", "x-cp1250": "cp1250", "x-cp1252": "cp1252",
}  # fmt: skip
_UNKNOWN = {"", "us-ascii", "ascii", "ansi_x3.4-1968", "unknown", "unknown-8bit", "8bit", "default",
            "none", "x-unknown", "iso-8859-1,utf-8"}  # fmt: skip
# Python has codecs that are no charsets; two of them are also quadratic.
_NO_CHARSETS = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"}

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LINE_BREAKS = re.compile("[\x00-\x20\x7f\x85\u2028\u2029]+")
# Bidirectional overrides can make a name read backwards ("exe.pdf"); marks alone are harmless.
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ENCODED_WORD = re.compile(r"=\?([A-Za-z0-9_.:+\-]{1,60})(?:\*[A-Za-z0-9\-]{0,20})?"
                           r"\?([bBqQ])\?([^?\r\n]*)\?=")  # fmt: skip


@lru_cache(maxsize=256)
def codec_for(charset: str) -> str | None:
    """Python's name for a declared charset, or None when it says nothing or is not known."""
    name = charset.strip().strip("\"'<>;, ").lower()
    if name in _UNKNOWN:
        return None
    try:
        found = codecs.lookup(_ALIASES.get(name, name))
    except (LookupError, ValueError, UnicodeError):
        return None
    if not found._is_text_encoding or found.name.replace("-", "_") in _NO_CHARSETS:
        return None
    return found.name


def decoded(content: bytes, charset: str = "") -> str:
    """The text of a body or an encoded word: declared charset, then UTF-8, then a good guess."""
    codec = codec_for(charset)
    for candidate in _candidates(codec):
        try:
            return str(content, candidate)
        except (UnicodeError, ValueError):
            continue
    return _guessed(content, codec)


def _candidates(codec: str | None) -> tuple[str, ...]:
    # UTF-8 hardly ever happens by chance, Windows-1252 is declared by chance all the time.
    return ("utf-8",) if codec is None else ("utf-8", codec) if codec == "cp1252" else (
        codec, "utf-8")  # fmt: skip


def _guessed(content: bytes, codec: str | None) -> str:
    if codec is not None and codec != "utf-8":
        return str(content, codec, "replace")
    if codec is None and len(content) >= limits.CHARSET_GUESS_FROM_BYTES:
        codec = _detected(content[: limits.CHARSET_SAMPLE_BYTES])
        if codec is not None:
            return str(content, codec, "replace")
    if codec == "utf-8" and _mostly_utf8(content):
        return str(content, "utf-8", "replace")
    return str(content, "cp1252", "replace")


def _mostly_utf8(content: bytes) -> bool:
    wrong = str(content, "utf-8", "replace").count("�")
    high = sum(1 for byte in content[: limits.CHARSET_SAMPLE_BYTES] if byte > 127)
    return wrong * 4 <= high


def _detected(sample: bytes) -> str | None:
    # Imported late: it is large, and nearly no mail needs it.
    from charset_normalizer import from_bytes

    best = from_bytes(sample, enable_fallback=False).best()
    return codec_for(best.encoding) if best else None


def clean(text: str) -> str:
    """A text of several lines: only line feeds and tabs, nothing that a database refuses."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", text)


def one_line(text: str, characters: int) -> str:
    """A text for a header, a list or a file name: no line break can be in it, nor a bidi trick."""
    text = _LINE_BREAKS.sub(" ", text[: characters * 8])
    text = _BIDI.sub("", _CONTROL.sub("", text)).strip()
    return text if len(text) <= characters else text[: characters - 1].rstrip() + "…"


def header_text(value: bytes) -> str:
    """A raw header value as text: unfolded, 8-bit read as UTF-8, encoded words decoded."""
    return with_words_decoded(unfolded(value))


def unfolded(value: bytes) -> str:
    """A raw header value without its folding, not decoded further."""
    return _CONTROL.sub("", decoded(value).replace("\r", "").replace("\n", "")).strip()


def with_words_decoded(text: str) -> str:
    """RFC 2047 words decoded; neighbours of one charset together, as mailers split characters."""
    if "=?" not in text:
        return text
    out: list[str] = []
    run: list[bytes] = []
    run_charset, position = "", 0
    for match in _ENCODED_WORD.finditer(text):
        charset = match.group(1).lower()
        between = text[position : match.start()]
        if run and (between.strip() or charset != run_charset):
            out.append(decoded(b"".join(run), run_charset))
            run = []
        if between.strip() or position == 0:
            out.append(between)
        run.append(_word_bytes(match.group(2), match.group(3)))
        run_charset, position = charset, match.end()
    if run:
        out.append(decoded(b"".join(run), run_charset))
    return "".join(out) + text[position:]


def _word_bytes(encoding: str, text: str) -> bytes:
    content = text.encode("utf-8", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(content, header=True)
    return from_base64(content)[0]


_NOT_BASE64 = bytes(set(range(256)) - set(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))  # fmt: skip


def from_base64(content: bytes) -> tuple[bytes, bool]:
    """Bytes out of Base64, and whether it was whole. Damage costs only what is damaged."""
    letters = content.translate(None, _NOT_BASE64)
    whole = len(letters) % 4 != 1
    letters = letters if whole else letters[:-1]
    padding = b"=" * (-len(letters) % 4)
    return binascii.a2b_base64(letters + padding), whole
