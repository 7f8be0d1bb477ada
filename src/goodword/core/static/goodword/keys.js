/* Keys. Letters act only where nobody is typing, and not at all for whoever switched them off;
   Escape leaves a field, so that they act again. The list behind “?” is read from the page. */
import { carryOut, isOffered, nameOf } from './acts.js';

const root = document.documentElement;
const $ = (selector, from = document) => from.querySelector(selector);
const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
const SOON = 900;
let went = 0;

document.addEventListener('keydown', event => {
  const field = event.target.closest('input:not([type="checkbox"], [type="radio"]), textarea, select, [contenteditable]');
  if ((event.ctrlKey || event.metaKey) && event.key === 'Enter') { send(event); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if ($('dialog[open]')) return;
  if (field) { if (event.key === 'Escape') field.blur(); return; }
  if (root.dataset.letters !== 'off' && letter(event.key)) event.preventDefault();
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
  if (key === '?' && $('#keys')) { list(); $('#keys').showModal(); return true; }
  if (key === 'j' || key === 'k') { step(key === 'j' ? 1 : -1); return true; }
  const found = key.length === 1 && $$(`[data-key="${CSS.escape(key)}"]`).find(isOffered);
  if (found) carryOut(found);
  return Boolean(found);
}

function step(by) {
  const rows = $$('[data-row]').filter(row => row.checkVisibility());
  const here = rows.findIndex(row => row.contains(document.activeElement));
  const chosen = rows.findIndex(row => row.matches('[aria-current]'));
  const from = here >= 0 ? here + by : chosen >= 0 ? chosen + by : 0;
  const next = rows[Math.min(Math.max(from, 0), rows.length - 1)];
  const target = next?.matches('a, button, [tabindex]') ? next : next && $('a, button', next);
  target?.focus({ focusVisible: true });
  next?.scrollIntoView({ block: 'nearest' });
}

/* The list of keys, as this page has them now. */
function list() {
  const here = new Map();
  for (const element of $$('[data-key]').filter(isOffered)) {
    if (!here.has(element.dataset.key)) here.set(element.dataset.key, nameOf(element));
  }
  fill('here', [...here].map(([key, name]) => [[key], name]));
  fill('places', $$('[data-place]').map(place => [['g', place.dataset.place], $('.label', place)?.textContent ?? nameOf(place)]));
  $$('#keys [data-when]').forEach(line => { line.hidden = !$$(line.dataset.when).some(each => !each.closest('#keys')); });
  $$('#keys section').forEach(section => { section.hidden = !$('dl > div:not([hidden])', section); });
}

function fill(name, lines) {
  $(`#keys [data-keys="${name}"]`).replaceChildren(...lines.map(([keys, said]) => {
    const line = document.createElement('div');
    const term = document.createElement('dt');
    keys.forEach(key => {
      const sign = document.createElement('kbd');
      sign.textContent = key.toUpperCase();
      term.append(sign, ' ');
    });
    const meaning = document.createElement('dd');
    meaning.textContent = said;
    line.append(term, meaning);
    return line;
  }));
}

document.addEventListener('click', event => { if (event.target.closest('[data-dialog="keys"]')) list(); }, true);

/* Whoever speaks to the computer, or rests a hand on the keys, switches the letters off. */
function setLetters(isOn) {
  if (isOn) delete root.dataset.letters; else root.dataset.letters = 'off';
  $$('[data-letters]').filter(each => each !== root).forEach(box => { box.checked = isOn; box.closest('[data-with-letters]')?.removeAttribute('hidden'); });
}

try { setLetters(localStorage.getItem('letters') !== 'off'); } catch { setLetters(true); }
document.addEventListener('change', event => {
  const box = event.target.closest?.('input[data-letters]');
  if (!box) return;
  setLetters(box.checked);
  try { if (box.checked) localStorage.removeItem('letters'); else localStorage.setItem('letters', 'off'); } catch { /* It holds for this page. */ }
});
