"""The fields of a form in the look of the desk."""

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def setting_widget(field: BoundField) -> SafeString:
    """The control, described by its own sentence and by what is wrong with it."""
    kind = field.widget_type
    attributes: dict[str, str | bool] = {}
    if kind not in {"checkbox", "radioselect", "checkboxselectmultiple"}:
        attributes["class"] = "slider" if field.name == "brand_hue" else "input"
    elif kind == "checkbox" and field.field.widget.attrs.get("role") == "switch":
        attributes["class"] = "switch"
    said = [f"{field.auto_id}-help"] if field.help_text else []
    if field.errors:
        said.append(f"{field.auto_id}-error")
        attributes["aria-invalid"] = "true"
    if said:
        attributes["aria-describedby"] = " ".join(said)
    return field.as_widget(attrs=attributes)


@register.filter
def words_of(text: str) -> list[str]:
    return text.split()
