/* The desk: theme, dialogs, keys, toasts. Each page works without it. */
import './live.js';
import './drafts.js';
import './presence.js';
import './composer.js';

const root = document.documentElement;
const $ = (selector, from = document) => from.querySelector(selector);
const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];

try {
  const theme = localStorage.getItem('theme');
  if (theme) root.dataset.theme = theme;
} catch { /* A browser may refuse storage; the page follows the system then. */ }

document.addEventListener('click', event => {
  const theme = event.target.closest('[data-theme-set]');
  if (theme) setTheme(theme.dataset.themeSet);
  const opener = event.target.closest('[data-dialog]');
  if (opener) { event.preventDefault(); document.getElementById(opener.dataset.dialog)?.showModal(); }
  const closer = event.target.closest('[data-close]');
  if (closer) closer.closest('dialog')?.close();
  if (event.target instanceof HTMLDialogElement && event.target.open) event.target.close();
});

function setTheme(value) {
  if (value) root.dataset.theme = value; else delete root.dataset.theme;
  try { value ? localStorage.setItem('theme', value) : localStorage.removeItem('theme'); } catch { /* as above */ }
}

/* Keys. Letters act only where nobody is typing. */
let went = 0;
const PLACES = { t: '/today/', i: '/inbox/', p: '/promises/', c: '/customers/', o: '/operator/' };
document.addEventListener('keydown', event => {
  const typing = event.target.closest('input, textarea, select, [contenteditable]');
  if ((event.ctrlKey || event.metaKey) && event.key === 'Enter') {
    const form = event.target.closest('form');
    const send = form && $('[data-send]', form);
    if (send) { event.preventDefault(); form.requestSubmit(send); }
    return;
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
  const key = event.key.toLowerCase();
  if (went && Date.now() - went < 900 && PLACES[key]) { location.href = PLACES[key]; return; }
  went = key === 'g' ? Date.now() : 0;
  if (event.key === '?') { $('#keys')?.showModal(); return; }
  if (key === 'j' || key === 'k') { step(key === 'j' ? 1 : -1); event.preventDefault(); return; }
  const act = $(`[data-key="${CSS.escape(key)}"]`);
  if (act && !act.disabled) { event.preventDefault(); act.matches('input, textarea') ? act.focus() : act.click(); }
});

function step(by) {
  const rows = $$('[data-row]').filter(row => row.offsetParent !== null);
  if (!rows.length) return;
  const here = rows.findIndex(row => row === document.activeElement || row.contains(document.activeElement));
  const next = rows[Math.min(Math.max(here + by, 0), rows.length - 1)] ?? rows[0];
  const target = next.matches('a, button, [tabindex]') ? next : $('a, button', next);
  target?.focus();
}

/* A conversation opens at its end. */
const toEnd = () => $$('[data-at-end]').forEach(box => { box.scrollTop = box.scrollHeight; });
toEnd();
document.addEventListener('htmx:afterSwap', event => { if (event.target.closest?.('[data-at-end]')) toEnd(); });

/* Toasts leave by themselves, unless somebody is about to use them. */
setInterval(() => $$('.toasts > .toast').forEach(toast => {
  toast.dataset.age = Number(toast.dataset.age ?? 0) + 1;
  if (toast.dataset.age > 10 && !toast.matches(':hover, :focus-within')) toast.remove();
}), 1000);
