/* The palette: Ctrl K, words, Enter. It does what the page offers, goes to any room, and finds. */
import { acts, carryOut } from './acts.js';
import { remember } from './lately.js';
import { offers } from './offers.js';
import { part, row } from './options.js';

const dialog = document.getElementById('palette');
const field = dialog?.querySelector('[role="combobox"]');
const list = dialog?.querySelector('[role="listbox"]');
const said = dialog?.querySelector('[data-palette-said]');
const words = dialog?.dataset ?? {};
const WAIT = 120;
let here = [];
let rooms = null;
let shown = [];
let at = 0;
let asking = null;

export async function openPalette() {
  if (dialog.open) { dialog.close(); return; }
  here = acts();
  dialog.showModal();
  field.select();
  show(groups());
  find();
  rooms ??= (await json(words.rooms).catch(() => null))?.rooms ?? null;
  if (dialog.open) show(groups(), true);
}

async function json(url, signal) {
  const answer = await fetch(url, { headers: { accept: 'application/json' }, signal });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

const groups = (found = []) => offers(field.value.trim(), here, rooms ?? [], found, words);

async function find() {
  asking?.abort();
  const asked = field.value.trim();
  if (!asked) return;
  asking = new AbortController();
  const { signal } = asking;
  await new Promise(done => setTimeout(done, WAIT));
  if (signal.aborted) return;
  try {
    const answer = await json(`${words.find}?q=${encodeURIComponent(asked)}`, signal);
    if (field.value.trim() === asked) show(groups(answer.groups), true);
  } catch { /* What is on the page is there all the same. */ }
}

/* What is chosen stays chosen while more is found below it. */
function show(found, keeps = false) {
  const chosen = keeps && at > 0 ? shown[at] : null;
  shown = found.flatMap(group => group.entries);
  at = Math.max(0, shown.findIndex(each => chosen && each.label === chosen.label && each.url === chosen.url));
  let number = 0;
  list.replaceChildren(...found.map(group => {
    const box = part('div', { role: 'group', 'aria-label': group.label || words.wordElse });
    if (group.label) box.append(part('span', { 'aria-hidden': 'true' }, group.label));
    for (const entry of group.entries) box.append(row(entry, number++, words.icons));
    return box;
  }));
  said.textContent = shown.length ? words.wordFound.replace('%(n)s', String(shown.length)) : words.wordNone;
  mark();
}

function mark() {
  list.querySelectorAll('[role="option"]').forEach((option, number) => option.setAttribute('aria-selected', String(number === at)));
  const chosen = document.getElementById(`palette-${at}`);
  if (chosen) field.setAttribute('aria-activedescendant', chosen.id); else field.removeAttribute('aria-activedescendant');
  chosen?.scrollIntoView({ block: 'nearest' });
}

function run(entry, isApart = false) {
  if (!entry) return;
  if (!entry.isPlain) remember(entry);
  document.querySelectorAll('dialog[open]').forEach(each => each.close());
  if (!entry.element) { if (isApart) window.open(entry.url, '_blank', 'noopener'); else location.assign(entry.url); return; }
  // A part of the page may have been fetched anew while somebody typed.
  const now = entry.element.isConnected ? entry : acts().find(each => each.label === entry.label);
  if (now) carryOut(now.element);
}

document.addEventListener('keydown', event => {
  if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.isComposing) return;
  if (event.key.toLowerCase() !== 'k' || event.defaultPrevented || !dialog) return;
  event.preventDefault();
  openPalette();
});
document.addEventListener('click', event => {
  if (!event.target.closest('[data-palette]') || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  event.target.closest('[popover]:popover-open')?.hidePopover();
  openPalette();
});
field?.addEventListener('input', () => { at = 0; show(groups()); find(); });
field?.addEventListener('keydown', event => {
  if (event.isComposing) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && shown.length) at = (at + step + shown.length) % shown.length;
  else if (event.key === 'Enter') run(shown[at], event.ctrlKey || event.metaKey);
  else return;
  event.preventDefault();
  event.stopPropagation();
  if (step) mark();
});
list?.addEventListener('mousedown', event => event.preventDefault());
list?.addEventListener('click', event => {
  const option = event.target.closest('[role="option"]');
  if (option) run(shown[Number(option.id.slice('palette-'.length))], event.ctrlKey || event.metaKey);
});
