"""What loses its shape where the system forces its own colours: no backgrounds, no shadows."""

from playwright.sync_api import Page

# With forced colours a background says nothing, and a border of any colour is drawn.
_LOOK = """
() => {
  const says = each => `${each.localName}.${each.className} `
    + `“${(each.getAttribute('aria-label') ?? each.textContent ?? '').trim().slice(0, 40)}”`;
  const framed = each => {
    const style = getComputedStyle(each);
    const is = (kind, width) => kind !== 'none' && kind !== 'hidden' && parseFloat(width) > 0;
    return ['Top', 'Bottom', 'Left', 'Right'].some(side =>
      is(style[`border${side}Style`], style[`border${side}Width`]))
      || is(style.outlineStyle, style.outlineWidth) || style.forcedColorAdjust === 'none';
  };
  const shaped = '.btn:not(.quiet), .input, select, textarea, .state, .tag, .chip, .kbd,'
    + ' dialog[open], .callout, [popover]:popover-open, .avatar, .switch, .count';
  const found = [];
  for (const each of document.querySelectorAll(shaped)) {
    if (each.checkVisibility({ visibilityProperty: true }) && !framed(each)
        && each !== document.activeElement) {
      found.push('has no edge in forced colours: ' + says(each));
    }
  }
  for (const each of document.querySelectorAll('svg.icon')) {
    const style = getComputedStyle(each);
    if (each.checkVisibility() && style.color === 'rgba(0, 0, 0, 0)') {
      found.push('cannot be seen in forced colours: ' + says(each));
    }
  }
  return [...new Set(found)];
}
"""


def shapeless(page: Page) -> list[str]:
    """While `forced_colors` is emulated."""
    return [str(each) for each in page.evaluate(_LOOK)]
