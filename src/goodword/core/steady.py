"""What of a template is the same on every page is made once for each language.

Text, words to translate, symbols and addresses without anything variable in them are most of
what a page is made of. When a template is loaded, neighbours of that kind become one `Steady`.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from django.template import Context, Node, NodeList, Template
from django.template.base import FilterExpression, TextNode, Variable
from django.template.defaulttags import CommentNode, IfNode, LoadNode, URLNode
from django.template.library import SimpleNode
from django.template.loaders.cached import Loader as CachedLoader
from django.templatetags.i18n import TranslateNode
from django.templatetags.static import StaticNode
from django.utils.safestring import SafeString, mark_safe

from goodword.core.quick import hurry, tongue

Tag = TypeVar("Tag", bound=Callable[..., Any])


def steady(tag: Tag) -> Tag:
    """Mark a simple tag whose output follows from its arguments and the language alone."""
    tag.is_steady = True  # type: ignore[attr-defined]
    return tag


class Loader(CachedLoader):
    """Keeps templates, as Django's own does, with what is steady in them drawn together."""

    def get_template(self, template_name: str, skip: Any = None) -> Template:
        known = self.get_template_cache.get(self.cache_key(template_name, skip))
        template: Template = super().get_template(template_name, skip)
        if known is None:
            draw_together(template.nodelist)
        return template


def draw_together(nodes: NodeList) -> None:
    """Put one `Steady` in the place of neighbours that are steady, here and in all below."""
    kept: list[Node] = []
    run: list[Node] = []
    for node in nodes:
        for below in _lists_of(node):
            draw_together(below)
        if _is_steady(node):
            run.append(node)
        else:
            hurry(node)
            kept += [*_drawn(run), node]
            run = []
    nodes[:] = [*kept, *_drawn(run)]


def _drawn(run: list[Node]) -> Iterable[Node]:
    if all(isinstance(node, TextNode) for node in run):
        return run
    return [Steady(run)]


class Steady(Node):
    """Neighbours in a template that nothing of a request changes but its language."""

    child_nodelists = ()

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = NodeList(nodes)
        self.has_addresses = any(isinstance(node, URLNode) for node in nodes)
        self.token, self.origin = nodes[0].token, nodes[0].origin
        self._made: dict[tuple[str | None, str, bool], SafeString] = {}

    def render(self, context: Context) -> SafeString:
        language, prefix = tongue(context)
        key = (language, prefix if self.has_addresses else "", context.autoescape)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = mark_safe(self.nodes.render(context))  # noqa: S308
        return made


def _lists_of(node: Node) -> Iterator[NodeList]:
    if isinstance(node, IfNode):
        yield from (found for _condition, found in node.conditions_nodelists)
        return
    for name in node.child_nodelists:
        if isinstance(found := getattr(node, name, None), NodeList):
            yield found


def _is_steady(node: Node) -> bool:
    if isinstance(node, TextNode | CommentNode | LoadNode):
        return True
    if isinstance(node, TranslateNode):
        said = (node.filter_expression, node.message_context)
        return not node.asvar and all(map(_is_constant, said))
    if isinstance(node, StaticNode):
        return node.varname is None and _is_constant(node.path)
    if isinstance(node, URLNode):
        given = (node.view_name, *node.args, *node.kwargs.values())
        return not node.asvar and all(map(_is_constant, given))
    if isinstance(node, SimpleNode):
        given = (*node.args, *node.kwargs.values())
        marked = getattr(node.func, "is_steady", False) and node.target_var is None
        return marked and all(map(_is_constant, given))
    return False


def _is_constant(given: FilterExpression | None) -> bool:
    """Whether it is nothing, or a text or number that stands in the template itself."""
    if given is None:
        return True
    if given.filters:
        return False
    return not isinstance(given.var, Variable) or given.var.lookups is None
