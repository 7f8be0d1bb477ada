"""An SVG built anew from what we know: shapes, colours and gradients, and nothing that acts.

Only names of these lists are written, so whatever SVG can do beside drawing (scripts, addresses,
animations, foreign content, style sheets with urls) has no way through. What is served is kept
in a sandbox all the same (settings/views/logo.py).
"""

import re
from collections.abc import Iterator
from typing import Any

# What only writes; what reads is defusedxml's.
from xml.etree.ElementTree import Element, ParseError, SubElement, register_namespace, tostring  # nosec B405

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.translation import gettext as _

from goodword.core.refusals import Refused

LARGEST = 512 * 1024
MOST_ELEMENTS, DEEPEST, MOST_USES = 4_000, 40, 100
SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"

SHAPES = frozenset(("path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text",
                    "tspan"))  # fmt: skip
AROUND = frozenset(("svg", "g", "defs", "symbol", "use", "clipPath", "mask", "linearGradient",
                    "radialGradient", "stop", "title", "desc"))  # fmt: skip
PAINT = frozenset((
    "fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-linecap",
    "stroke-linejoin", "stroke-miterlimit", "stroke-dasharray", "stroke-dashoffset",
    "stroke-opacity", "opacity", "color", "clip-path", "clip-rule", "mask", "stop-color",
    "stop-opacity", "font-family", "font-size", "font-weight", "font-style", "letter-spacing",
    "text-anchor", "dominant-baseline", "display", "visibility",
))  # fmt: skip
GEOMETRY = frozenset((
    "id", "d", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "fx", "fy", "fr",
    "dx", "dy", "width", "height", "points", "transform", "viewBox", "preserveAspectRatio",
    "offset", "gradientUnits", "gradientTransform", "spreadMethod", "clipPathUnits", "maskUnits",
    "maskContentUnits", "pathLength", "rotate", "textLength", "lengthAdjust",
))  # fmt: skip
# No backslash (a way to write any letter), no quote, no colon, no at sign
_VALUE = re.compile(r"[\w\s.,%#()+*/|-]*")
_OURS = re.compile(r"url\(\s*#[\w.-]+\s*\)")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_CLASS = re.compile(r"\.([\w-]+)")
register_namespace("", SVG)


def built_anew(content: bytes) -> bytes:
    """The drawing without anything else. Refused, with a sentence, where none is left."""
    if len(content) > LARGEST:
        _refuse(_("This drawing has more than 512 kB. Save it simpler, or as PNG."))
    try:
        root = fromstring(content, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    except (DefusedXmlException, ParseError, ValueError, RecursionError) as error:
        sentence = _("This SVG cannot be read. Save it as a plain SVG, or as PNG.")
        raise Refused("BAD_LOGO", sentence, 422) from error
    if root.tag != f"{{{SVG}}}svg":
        _refuse(_("This file is no picture. Choose a PNG, a JPEG, a WebP or an SVG."))
    return _Drawing(root).written()


class _Drawing:
    def __init__(self, root: Any) -> None:
        self._root, self._left, self._uses, self._drawn = root, MOST_ELEMENTS, 0, 0
        self._classes = dict(_classes(root))
        # A use of what uses something again would grow without end.
        self._simple = {
            each.get("id")
            for each in root.iter()
            if each.get("id") and not any(_local(inner) == "use" for inner in each.iter())
        }

    def written(self) -> bytes:
        new = Element(f"{{{SVG}}}svg", self._attributes(self._root))
        _must_have_a_size(new)
        self._fill(self._root, new, 1)
        if not self._drawn:
            _refuse(_("There is nothing to draw in this SVG. Save the logo as PNG."))
        drawn: bytes = tostring(new, encoding="utf-8")
        return drawn

    def _fill(self, old: Any, new: Element, depth: int) -> None:
        if depth > DEEPEST:
            _refuse(_("This SVG is too deep. Save it simpler, or as PNG."))
        new.text = old.text if _local(old) in {"text", "tspan", "title", "desc"} else None
        for each in old:
            name = _local(each)
            if name not in SHAPES | AROUND or not self._may(each, name):
                continue
            self._left -= 1
            if self._left < 0:
                _refuse(_("This SVG has too many parts. Save it simpler, or as PNG."))
            self._drawn += name in SHAPES
            made = SubElement(new, f"{{{SVG}}}{name}", self._attributes(each))
            made.tail = each.tail if name == "tspan" else None
            self._fill(each, made, depth + 1)

    def _may(self, each: Any, name: str) -> bool:
        if name != "use":
            return True
        self._uses += 1
        return self._uses <= MOST_USES and _target(each)[1:] in self._simple

    def _attributes(self, old: Any) -> dict[str, str]:
        kept: dict[str, str] = {}
        for name, value in old.attrib.items():
            if name in PAINT | GEOMETRY:
                kept |= _sound(name, value)
        for each in old.get("class", "").split():
            kept |= self._classes.get(each, {})
        kept |= _declared(old.get("style", ""))
        if _local(old) == "use":
            kept["href"] = _target(old)
        return kept


def _classes(root: Any) -> Iterator[tuple[str, dict[str, str]]]:
    """The plain rules for classes of the drawing's own style sheets, as drawing programs write."""
    found: dict[str, dict[str, str]] = {}
    for sheet in root.iter(f"{{{SVG}}}style"):
        for selectors, body in _RULE.findall(sheet.text or ""):
            for each in selectors.split(","):
                if named := _CLASS.fullmatch(each.strip()):
                    found.setdefault(named[1], {}).update(_declared(body))
    yield from found.items()


def _declared(style: str) -> dict[str, str]:
    kept: dict[str, str] = {}
    for each in style.split(";"):
        name, _colon, value = each.partition(":")
        if name.strip() in PAINT:
            kept |= _sound(name.strip(), value)
    return kept


def _sound(name: str, value: str) -> dict[str, str]:
    """The attribute, where its value can only be numbers, words, colours or a part of ours."""
    value = " ".join(value.split())
    if name == "font-family":
        value = value.replace('"', "").replace("'", "")
    if not _VALUE.fullmatch(value) or "url" in _OURS.sub("", value).lower():
        return {}
    return {name: value}


def _target(use: Any) -> str:
    """The part of this drawing that is used, as #name; "" for anything else."""
    said = str(use.get("href") or use.get(f"{{{XLINK}}}href") or "")
    return said if re.fullmatch(r"#[\w.-]+", said) else ""


def _local(each: Any) -> str:
    """The name of an element of SVG; "" for one of another namespace, a comment, or a command."""
    tag = each.tag
    return str(tag).removeprefix(f"{{{SVG}}}") if str(tag).startswith(f"{{{SVG}}}") else ""


def _must_have_a_size(root: Element) -> None:
    """A view box, without which a browser cannot fit it into its place."""
    if root.get("viewBox"):
        return
    size = [re.fullmatch(r"([\d.]+)(px)?", root.get(side, "")) for side in ("width", "height")]
    if not all(size):
        _refuse(_("This SVG does not say how large it is. Save it with a size, or as PNG."))
    root.set("viewBox", "0 0 " + " ".join(each[1] for each in size if each))


def _refuse(sentence: str) -> None:
    raise Refused("BAD_LOGO", sentence, 422)
