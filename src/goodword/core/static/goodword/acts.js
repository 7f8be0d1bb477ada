/* What can be done on a page is read from the page, so that no second list of it can go stale:
   everything that a member could press outside of rows, and what carries data-act inside them. */
const CONTROLS = 'button, summary, a.btn, .menu a, a[href^="tel:"], [data-key], [data-act]';
const ROWS = '[data-row], .rows, .thread, .timeline, table, dialog, [role="toolbar"], .toasts, .modes button[aria-pressed="true"], nav, #more-menu, .only[popovertarget]';
const all = (selector, from = document) => [...from.querySelectorAll(selector)];

/* Somebody could get there: it is seen, or stands in a menu or a fold whose opener is. */
export function isOffered(element) {
  if (element.disabled || element.closest('[hidden], [inert]')) return false;
  const around = element.matches('summary') ? element.parentElement.parentElement : element;
  const closed = around.closest('[popover]:not(:popover-open), details:not([open])');
  if (!closed) return element.checkVisibility();
  const way = closed.matches('details') ? closed.querySelector('summary') : document.querySelector(`[popovertarget="${closed.id}"]`);
  return Boolean(way) && isOffered(way);
}

/* Its words without keys and counts; where it is seen, those of them that are. */
function words(element) {
  const isSeen = element.checkVisibility();
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT, node => {
    const around = node.parentElement;
    const beside = around.closest('kbd, .count, .end');
    return (beside && beside !== element && element.contains(beside)) || (isSeen && !around.checkVisibility()) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT;
  });
  let said = '';
  while (walker.nextNode()) said += `${walker.currentNode.data} `;
  return said;
}

export function nameOf(element) {
  const label = element.labels?.[0];
  const said = element.dataset.act ?? element.getAttribute('aria-label') ?? words(label ?? element);
  return said.replace(/\s+/g, ' ').trim();
}

/* Each name once: the first of its kind on the page, or the last one of what carries data-act. */
export function acts() {
  const found = new Map();
  const places = document.querySelectorAll('main, #me-menu');
  for (const element of [...places].reverse().flatMap(place => all(CONTROLS, place))) {
    const isNamed = 'act' in element.dataset;
    if (!isNamed && element.closest(ROWS)) continue;
    if (element.matches('[aria-hidden="true"], [aria-hidden="true"] *') || !isOffered(element)) continue;
    const label = nameOf(element);
    if (label && (isNamed || !found.has(label))) found.set(label, { label, element, key: element.dataset.key ?? '' });
  }
  return [...found.values()];
}

/* Press it, or go into it; what it is folded in opens first. */
export function carryOut(element) {
  for (let fold = element.closest('details'); fold; fold = fold.parentElement.closest('details')) {
    if (!element.matches('summary') || fold !== element.parentElement) fold.open = true;
  }
  if (element.matches('summary')) {
    const fold = element.parentElement;
    fold.open = true;
    (fold.querySelector('input:not([type="hidden"]), select, textarea') ?? element).focus();
  } else if (element.matches('input:not([type="checkbox"], [type="radio"]), textarea, select')) {
    element.focus();
    element.setSelectionRange?.(element.value.length, element.value.length);
  } else element.click();
}
