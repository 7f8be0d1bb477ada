/* Our word in what is typed. A form says data-words-url; the server answers with chips, which are
   put in by their keys, so that what somebody chose, or is choosing, stays as it is. Without it
   the form itself shows them once before it is sent. */
import { NOT_WORDS, TOKEN } from './draft-net.js';

const PAUSE = 350;
const LATER = '[name="later"], [name="later_at"], [name="how"]';
const states = new WeakMap();

const formOf = element => element.closest?.('form[data-words-url]');
const placeOf = form => form.querySelector('[data-words-place]');

function stateOf(form) {
  if (!states.has(form)) states.set(form, { timer: 0, ask: null, asked: null });
  return states.get(form);
}

function written(form) {
  const body = new FormData();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === 'string' && (name === TOKEN || !NOT_WORDS.includes(name))) body.append(name, value);
  }
  return body;
}

function later(form, pause = PAUSE) {
  const state = stateOf(form);
  clearTimeout(state.timer);
  state.timer = setTimeout(() => look(form).catch(() => { /* The next key asks again. */ }), pause);
}

async function look(form) {
  const state = stateOf(form);
  const body = written(form);
  const asked = new URLSearchParams(body).toString();
  if (asked === state.asked) return;
  state.ask?.abort();
  state.ask = new AbortController();
  const answer = await fetch(form.dataset.wordsUrl, { method: 'POST', body, redirect: 'error', signal: state.ask.signal });
  if (!answer.ok || !form.isConnected) return;
  const text = await answer.text();
  state.asked = asked;
  const made = document.createElement('template');
  made.innerHTML = text;
  merge(placeOf(form), made.content);
  mark(form);
}

/* A chip that shows the same stays; one in which somebody is at work changes only its line. */
function merge(place, fresh) {
  const list = place.querySelector('[data-wordchips]');
  const there = new Map([...list.children].map(chip => [chip.dataset.chip, chip]));
  let after = null;
  for (const chip of [...fresh.querySelector('[data-wordchips]').children]) {
    const kept = there.get(chip.dataset.chip);
    there.delete(chip.dataset.chip);
    const stands = kept ? stay(kept, chip) : chip;
    const spot = after ? after.nextSibling : list.firstChild;
    if (stands !== spot) list.insertBefore(stands, spot);
    if (stands === chip) window.htmx?.process(chip);
    after = stands;
  }
  for (const [, gone] of there) if (!gone.contains(document.activeElement) || !gone.dataset.said) gone.remove();
  const said = place.querySelector('[data-chips-said]');
  const say = fresh.querySelector('[data-chips-said]').textContent;
  if (said.textContent !== say) said.textContent = say;
}

function stay(kept, chip) {
  if (kept.dataset.as === chip.dataset.as) return kept;
  const isOpen = !!kept.querySelector('details[open]');
  if (!(isOpen || kept.contains(document.activeElement)) || kept.className !== chip.className) {
    chip.querySelector('details')?.toggleAttribute('open', isOpen);
    kept.replaceWith(chip);
    window.htmx?.process(chip);
    return chip;
  }
  for (const part of ['[data-chip-line]', '[data-chip-honest]']) {
    const [old, now] = [kept.querySelector(part), chip.querySelector(part)];
    if (old && now) { old.replaceWith(now); window.htmx?.process(now); }
  }
  kept.dataset.as = chip.dataset.as;
  return kept;
}

/* Behind the field the same words stand again, without ink, and what gives our word is underlined. */
function mark(form) {
  const sheet = form.querySelector('[data-words-marks]');
  const area = sheet && sheet.parentElement.querySelector('textarea');
  if (!area) return;
  const text = area.value;
  const spans = [...placeOf(form).querySelectorAll('[data-said]')].filter(chip => !chip.querySelector('[name="chip_no"]:checked'))
    .map(chip => [text.indexOf(chip.dataset.said.replace(/\r\n?/g, '\n')), chip]).filter(([at]) => at >= 0).sort((a, b) => a[0] - b[0]);
  const parts = [];
  let end = 0;
  for (const [at, chip] of spans) {
    if (at < end) continue;
    const words = document.createElement('mark');
    words.className = chip.matches('.asks') ? 'guard' : 'pledge';
    words.textContent = text.slice(at, at + chip.dataset.said.length);
    parts.push(text.slice(end, at), words);
    end = at + chip.dataset.said.length;
  }
  sheet.replaceChildren(...parts, `${text.slice(end)}\n`);
  sheet.scrollTop = area.scrollTop;
}

function begin(form) {
  if (form.elements.chips_here) form.elements.chips_here.value = 'live';
  mark(form);
}

const forms = (from = document) => [...from.querySelectorAll('form[data-words-url]')];
document.addEventListener('input', event => {
  const form = formOf(event.target);
  if (!form || !placeOf(form)) return;
  if (event.target.matches('textarea')) { mark(form); later(form); }
  else if (event.target.matches('[name="chip_no"]')) mark(form);
  else if (event.target.matches('[name^="chip_"]:not([name="chip_yes"], [name="chip_still"])')) later(form);
});
document.addEventListener('change', event => {
  const form = formOf(event.target);
  if (form && event.target.matches(`${LATER}, [name^="word_"], [name^="chip_when"], [name^="chip_due"], [name^="chip_kind"]`)) later(form, 0);
});
document.addEventListener('scroll', event => {
  const sheet = event.target.matches?.('.writer textarea') && event.target.parentElement.querySelector('[data-words-marks]');
  if (sheet) sheet.scrollTop = event.target.scrollTop;
}, true);
document.addEventListener('htmx:load', event => forms(event.target.parentElement ?? document).forEach(begin));
forms().forEach(begin);
