/* Menus by arrows, and a focus that is never lost: into what opens, and back from what closes. */
const ITEMS = 'a[href], button:not(:disabled), input:not([type="hidden"])';
const items = menu => [...menu.querySelectorAll(ITEMS)].filter(item => item.checkVisibility());
const isField = element => element.matches('input:not([type="checkbox"], [type="radio"]), textarea, select');

document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  const opener = event.target.closest?.('[popovertarget]');
  const menu = event.target.closest?.('.menu:popover-open');
  if (!menu && opener && event.key === 'ArrowDown') { event.preventDefault(); opener.click(); return; }
  if (!menu || (isField(event.target) && event.key !== 'ArrowDown')) return;
  const all = items(menu);
  const at = all.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, Home: 0, End: -1 }[event.key];
  if (to === undefined || !all.length) return;
  event.preventDefault();
  all.at(to >= all.length ? 0 : to).focus({ focusVisible: true });
});

/* Opened by key, its first line has the focus. A click leaves it where it was. */
document.addEventListener('toggle', event => {
  const menu = event.target;
  if (!menu.matches?.('.menu[popover]') || event.newState !== 'open') return;
  const opener = document.activeElement;
  if (opener?.matches(`[popovertarget="${menu.id}"]:focus-visible`)) items(menu)[0]?.focus({ focusVisible: true });
}, true);

/* What is fetched into an open dialog takes the focus, so that one can go on typing. */
document.addEventListener('htmx:afterSettle', event => {
  const dialog = event.target.closest?.('dialog[open]');
  if (!dialog || (dialog.contains(document.activeElement) && document.activeElement !== dialog)) return;
  const first = dialog.querySelector('[autofocus], select, textarea, input:not([type="hidden"])') ?? dialog.querySelector(ITEMS);
  first?.focus();
});

/* Where a dialog was opened from may be gone by the time it closes; the page itself is not. */
document.addEventListener('close', event => {
  if (!(event.target instanceof HTMLDialogElement)) return;
  setTimeout(() => { if (document.activeElement === document.body) document.getElementById('main')?.focus(); }, 0);
}, true);
