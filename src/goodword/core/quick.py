"""What Django's templates do most often, on the way that is nearly always taken.

Each of these says what Django's own would say: it takes over where a value is of a plain kind, and
leaves everything else, and whatever fails, to the class that it stands in for.
"""

from collections.abc import Iterator
from functools import partial
from html import escape
from typing import Any

from django.db.models import Model
from django.template import Context, Node, NodeList
from django.template.base import (
    FilterExpression,
    Variable,
    VariableDoesNotExist,
    VariableNode,
    render_value_in_context,
)
from django.template.defaulttags import TemplateLiteral, URLNode
from django.template.smartif import TokenBase
from django.templatetags.i18n import BlockTranslateNode, LanguageNode
from django.urls import get_script_prefix
from django.utils.encoding import force_str
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

MOST_ADDRESSES = 4_000
_has_no_items: dict[type, bool] = {}
_addresses: dict[Any, str] = {}


def tongue(context: Context) -> tuple[str | None, str]:
    """The language, and what stands before every address: asked once while a page is made."""
    known: tuple[str | None, str] | None = vars(context).get("_tongue")
    if known is None:
        known = (get_language(), get_script_prefix())
        context._tongue = known  # type: ignore[attr-defined]
    return known


class Looked(Variable):
    """`a.b.c`: a name of the page, then attributes of what has nothing but attributes."""

    __slots__ = ()

    def resolve(self, context: Any) -> Any:
        if self.lookups is None or self.translate:
            return super().resolve(context)
        first, *others = self.lookups
        for layer in reversed(context.dicts):
            if first in layer:
                found = layer[first]
                break
        else:
            raise VariableDoesNotExist("Failed lookup for key [%s]", (first,))
        for name in others:
            if type(found) is dict:
                if name in found:
                    found = found[name]
                    continue
                if not (hasattr(found, name) or name[0].isdigit()):
                    raise VariableDoesNotExist("Failed lookup for key [%s] in %r", (name, found))
            if callable(found) or not _is_plain(type(found)):
                return super().resolve(context)
            try:
                found = getattr(found, name)
            except Exception:  # Django knows which of these mean that there is nothing
                return super().resolve(context)
            if type(found) is partial and name == others[-1]:
                return _label(found) if _is_label(found) else super().resolve(context)
        return super().resolve(context) if callable(found) else found


def _is_plain(kind: type) -> bool:
    """Whether a name after a dot can only be an attribute of it: texts and tuples have numbers."""
    known = _has_no_items.get(kind)
    if known is None:
        known = not hasattr(kind, "__getitem__") or issubclass(kind, str | tuple)
        _has_no_items[kind] = known
    return known


def _is_label(asked: "partial[Any]") -> bool:
    """Whether it is `get_state_display` of a row, whose words stand in the model itself."""
    is_it = getattr(asked.func, "__func__", None) is _OF_A_CHOICE
    return is_it and type(asked.keywords["field"].choices) is list


def _label(asked: "partial[Any]") -> Any:
    """The words for what the row has; Django says those for all that it could have first."""
    field = asked.keywords["field"]
    if (words := _words.get(field)) is None:
        words = _words[field] = dict(field.flatchoices)
    value = getattr(asked.func.__self__, field.attname)  # type: ignore[attr-defined]
    return force_str(words.get(value, value), strings_only=True)


_OF_A_CHOICE: Any = Model._get_FIELD_display  # type: ignore[attr-defined]
_words: dict[Any, dict[Any, Any]] = {}


class Shown(VariableNode):
    """`{{ a.b }}` of a text or a whole number."""

    def render_annotated(self, context: Context) -> str:
        try:
            found: Any = self.filter_expression.var.resolve(context)
        except VariableDoesNotExist:
            return str(super().render_annotated(context))
        kind = type(found)
        if kind is str and context.autoescape:
            return escape(found)
        if kind is int or kind is SafeString or kind is str:
            return str(found)
        return str(render_value_in_context(found, context))


class Worded(BlockTranslateNode):
    """A sentence with names in it, without a plural."""

    text: str
    names: list[str]
    sentences: dict[str | None, str]

    def render(self, context: Context, nested: bool = False) -> str:
        sentence = self._sentence(tongue(context)[0])
        given = {name: value.resolve(context) for name, value in self.extra_context.items()}
        values = {}
        for name in self.names:
            if name not in given and name not in context:
                return super().render(context, nested)
            value = given[name] if name in given else context[name]
            values[name] = render_value_in_context(value, context)
        try:
            return sentence % values
        except (KeyError, ValueError):
            return super().render(context, nested)

    def _sentence(self, language: str | None) -> str:
        found = self.sentences.get(language)
        if found is None:
            found = self.sentences[language] = gettext(self.text)
        return found


class Addressed(URLNode):
    """`{% url 'case' case.pk %}`: reckoned once for each number."""

    def render(self, context: Context) -> str:
        if len(self.args) != 1:
            return super().render(context)
        given = self.args[0].resolve(context)
        if type(given) is not int:
            return super().render(context)
        key = (self.view_name.var, given, tongue(context)[1])
        if (found := _addresses.get(key)) is None:
            if len(_addresses) >= MOST_ADDRESSES:
                _addresses.clear()
            found = _addresses[key] = super().render(context)
        return found


class Switched(LanguageNode):
    """`{% language %}`: what is within is in another one."""

    def render(self, context: Context) -> str:
        before = vars(context).pop("_tongue", None)
        made = super().render(context)
        vars(context).pop("_tongue", None)
        if before:
            context._tongue = before  # type: ignore[attr-defined]
        return made


def hurry(node: Node) -> None:
    """Let this node take the short way, where it has one."""
    for given in _expressions(list(vars(node).values())):
        for variable in (given.var, *(each for _f, args in given.filters for _l, each in args)):
            if type(variable) is Variable:
                variable.__class__ = Looked
    if type(node) is VariableNode and not node.filter_expression.filters:
        if isinstance(node.filter_expression.var, Looked):
            node.__class__ = Shown
    elif type(node) is BlockTranslateNode:
        if not (node.plural or node.asvar or node.message_context or node.countervar):
            text, names = node.render_token_list(node.singular)
            vars(node).update(text=text, names=names, sentences={})
            node.__class__ = Worded
    elif type(node) is LanguageNode:
        node.__class__ = Switched
    elif type(node) is URLNode and _is_plain_address(node):
        node.__class__ = Addressed


def _is_plain_address(node: URLNode) -> bool:
    name = node.view_name
    known = isinstance(name.var, str) and not name.filters and ":" not in name.var
    return known and not node.kwargs and not node.asvar


def _expressions(values: list[Any]) -> Iterator[FilterExpression]:
    """In what a node was given, and in the conditions of an `if`."""
    for value in values:
        if isinstance(value, FilterExpression):
            yield value
        elif isinstance(value, TemplateLiteral):
            yield from _expressions([value.value])
        elif isinstance(value, TokenBase):
            yield from _expressions([value.first, value.second])
        elif isinstance(value, dict):
            yield from _expressions(list(value.values()))
        elif isinstance(value, list | tuple) and not isinstance(value, NodeList):
            yield from _expressions(list(value))
