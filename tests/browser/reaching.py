"""What of a page the keyboard cannot reach, and what shows no focus when it does."""

from playwright.sync_api import Page

# Clickable, but no stop for Tab: named by what a mouse would find.
_LOOK = """
() => {
  const says = each => `${each.localName}${each.id ? '#' + each.id : ''}.${each.className} `
    + `“${(each.getAttribute('aria-label') ?? each.textContent ?? '').trim().slice(0, 40)}”`;
  const top = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document;
  const isSeen = each => each.checkVisibility({ visibilityProperty: true })
    && !each.closest('[inert]');
  // A list under a combobox is walked by arrows, and the hidden button is what Enter presses.
  const isOther = each => each.closest('[role=listbox], [aria-hidden=true]');
  const all = selector => [...top.querySelectorAll(selector)]
    .filter(each => isSeen(each) && !isOther(each));
  const natural = 'a[href], button:not(:disabled), input:not(:disabled):not([type=hidden]),'
    + ' select:not(:disabled), textarea:not(:disabled), summary';
  const clicked = '[onclick], [role=button], [role=link], [role=menuitem], [role=tab],'
    + ' [data-dialog], [data-theme-set], [data-set], [data-add-row], [data-drop-row], [data-put],'
    + ' [data-light-mark], [data-copy], [data-keep], [data-palette], [data-key], [data-row-key],'
    + ' [popovertarget],'
    + ' [hx-post]:not(form), [hx-get][hx-trigger*=click]';
  const found = [];
  for (const each of all(natural)) {
    if (each.tabIndex < 0) found.push('no stop for Tab: ' + says(each));
  }
  for (const each of all(clicked)) {
    if (!each.matches(natural + ', label, [disabled]') && each.tabIndex < 0) {
      found.push('only for a mouse: ' + says(each));
    }
  }
  // The focus shows as a line on the thing itself, around it, or on what is drawn beside it.
  const drawn = each => {
    const parts = [each, each.nextElementSibling];
    for (let up = each.parentElement; up && parts.length < 5; up = up.parentElement) parts.push(up);
    return parts.filter(Boolean).map(part => getComputedStyle(part))
      .map(style => [style.outline, style.boxShadow, style.borderColor]).join(';');
  };
  for (const each of all(natural)) {
    document.activeElement?.blur();
    const before = drawn(each);
    each.focus({ preventScroll: true });
    if (document.activeElement !== each) found.push('takes no focus: ' + says(each));
    else if (drawn(each) === before) found.push('shows no focus: ' + says(each));
  }
  return found;
}
"""


def unreached(page: Page) -> list[str]:
    """After a key, since only then a browser shows where the focus is."""
    page.keyboard.press("Tab")
    return [str(each) for each in page.evaluate(_LOOK)]
