/* The desk: theme, dialogs, toasts. Each page works without it. */
import './live.js';
import './drafts.js';
import './presence.js';
import './composer.js';
import './inserting.js';
import './light.js';
import './words.js';
import './uploads.js';
import './chips.js';
import './takeback.js';
import './keys.js';
import './menus.js';
import './palette.js';
import './zone.js';

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
  if (theme) { setTheme(theme.dataset.themeSet); theme.closest(':popover-open')?.hidePopover(); }
  const opener = target.closest('[data-dialog]');
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog) {
    event.preventDefault();
    opener.closest(':popover-open')?.hidePopover();
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
