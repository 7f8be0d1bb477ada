/* The desk: theme, dialogs, keys, toasts. Each page works without it. */
import './live.js';
import './drafts.js';
import './presence.js';
import './composer.js';
import './inserting.js';
import './light.js';
import './uploads.js';
import './chips.js';
import './takeback.js';

const root = document.documentElement;
const $ = (selector, from = document) => from.querySelector(selector);
const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];

function setTheme(value) {
  if (value) root.dataset.theme = value; else delete root.dataset.theme;
  try {
    if (value) localStorage.setItem('theme', value); else localStorage.removeItem('theme');
  } catch { /* No storage: the choice holds for this page. */ }
}

document.addEventListener('click', event => {
  const target = event.target;
  const theme = target.closest('[data-theme-set]');
  if (theme) { setTheme(theme.dataset.themeSet); theme.closest('[popover]')?.hidePopover(); }
  const opener = target.closest('[data-dialog]');
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog) {
    event.preventDefault();
    opener.closest('[popover]')?.hidePopover();
    dialog.showModal();
  }
  target.closest('[data-close]')?.closest('dialog')?.close();
  // A click on the backdrop is a click on the dialog itself, outside of its box.
  if (target instanceof HTMLDialogElement && target.open && isOutside(event, target)) target.close();
});

function isOutside(event, dialog) {
  const box = dialog.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}

/* Keys. Letters act only where nobody is typing; Escape leaves a field, so that they act again. */
const SOON = 900;
let went = 0;

document.addEventListener('keydown', event => {
  const field = event.target.closest('input:not([type="checkbox"], [type="radio"]), textarea, select, [contenteditable]');
  if ((event.ctrlKey || event.metaKey) && event.key === 'Enter') { send(event); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if ($('dialog[open]')) return;
  if (field) { if (event.key === 'Escape') field.blur(); return; }
  if (letter(event.key)) event.preventDefault();
});

function send(event) {
  const form = event.target.closest('form');
  const button = form && $('[data-send]', form);
  if (!button || button.disabled) return;
  event.preventDefault();
  form.requestSubmit(button);
}

/* True where the key was ours. */
function letter(pressed) {
  const key = pressed.toLowerCase();
  const place = Date.now() - went < SOON && $(`[data-place="${CSS.escape(key)}"]`);
  went = key === 'g' ? Date.now() : 0;
  if (place) { location.assign(place.href); return true; }
  if (key === '?') { $('#keys')?.showModal(); return true; }
  if (key === 'j' || key === 'k') { step(key === 'j' ? 1 : -1); return true; }
  return key.length === 1 && act($$(`[data-key="${CSS.escape(key)}"]`).find(isThere));
}

const isThere = element => !element.disabled && element.checkVisibility();

function act(element) {
  if (!element) return false;
  if (element.matches('input, textarea, select')) {
    element.focus();
    element.setSelectionRange?.(element.value.length, element.value.length);
  } else element.click();
  return true;
}

function step(by) {
  const rows = $$('[data-row]').filter(isThere);
  const here = rows.findIndex(row => row.contains(document.activeElement));
  const chosen = rows.findIndex(row => row.matches('[aria-current]'));
  const from = here >= 0 ? here + by : chosen >= 0 ? chosen + by : 0;
  const next = rows[Math.min(Math.max(from, 0), rows.length - 1)];
  const target = next?.matches('a, button, [tabindex]') ? next : next && $('a, button', next);
  target?.focus({ focusVisible: true });
  next?.scrollIntoView({ block: 'nearest' });
}

/* A conversation opens at its end, and stays there when something new comes, unless somebody
   has gone back to read. */
const NEAR = 80;
const atEnd = box => box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
const toEnd = box => { box.scrollTop = box.scrollHeight; };
let following = [];
$$('[data-at-end]').forEach(toEnd);
// On a phone the page itself scrolls: open it at what was said last, below its own head.
const flows = box => box.scrollHeight <= box.clientHeight + 1 && !location.hash && scrollY === 0;
$$('[data-at-end]').filter(flows).forEach(box => box.querySelector('.thread > li:last-of-type')?.scrollIntoView({ block: 'center' }));
document.addEventListener('htmx:beforeSwap', () => { following = $$('[data-at-end]').filter(atEnd); });
document.addEventListener('htmx:afterSettle', () => following.forEach(toEnd));

/* Toasts leave by themselves; what is wrong, or offers a way back, stays until it is read. */
const TOAST_SECONDS = 10;
const ages = new WeakMap();
setInterval(() => {
  if (document.hidden) return;
  for (const toast of $$('.toasts > .toast')) {
    const stays = toast.matches(':hover, :focus-within, [data-state="error"]');
    ages.set(toast, stays ? 0 : (ages.get(toast) ?? 0) + 1);
    if (ages.get(toast) > TOAST_SECONDS * ($('button, a', toast) ? 3 : 1)) toast.remove();
  }
}, 1000);
document.addEventListener('click', event => {
  if (event.target.closest('[data-toast-close]')) event.target.closest('.toast').remove();
});
