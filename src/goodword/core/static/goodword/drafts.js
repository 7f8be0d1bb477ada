/* Half-typed words are kept as they are typed: on the server, and in this browser until the
   server has them. Forms say where: data-draft-url. What stands in a field is never overwritten. */
import { net, NOT_WORDS, post, TOKEN, without, words, written } from './draft-net.js';

const PAUSE = 400;
const BEACON = 60_000;
const states = new WeakMap();

const formOf = element => element.closest?.('form[data-draft-url]');
const forms = (from = document) => [...from.querySelectorAll('form[data-draft-url]')];
const areasOf = form => [...form.querySelectorAll('textarea[name]')];

function stateOf(form) {
  if (!states.has(form)) states.set(form, { kept: words(form), timer: 0, busy: null, sent: false });
  return states.get(form);
}

function say(form, sentence) {
  const place = form.querySelector('[data-draft-saved]');
  if (place && place.textContent !== sentence) place.textContent = sentence;
}

async function save(form) {
  const state = stateOf(form);
  clearTimeout(state.timer);
  await state.busy;
  const text = words(form);
  if (state.sent || text === state.kept) return;
  net.put(form);
  state.busy = keep(form, text);
  await state.busy;
}

async function keep(form, text) {
  const state = stateOf(form);
  const inNet = net.get(form);
  try {
    const line = await post(form, written(form));
    state.kept = text;
    if (net.get(form) === inNet) net.drop(form);
    if (!state.sent) say(form, line);
  } catch {
    if (!state.sent) say(form, form.dataset.draftFailed ?? '');
  }
}

/* Nobody waits for an answer here: the page is going. */
function leave(form) {
  const state = stateOf(form);
  const text = words(form);
  clearTimeout(state.timer);
  if (state.sent || text === state.kept) return;
  net.put(form);
  const body = written(form);
  if (body.toString().length < BEACON) navigator.sendBeacon(form.dataset.draftUrl, body);
}

/* What this browser holds and the server never got goes there now, under its old form_id, so
   that the server can say whether that form was sent after all. Then it is put back, where
   nothing else has been typed. */
async function restore(form) {
  const state = stateOf(form);
  const inNet = net.get(form);
  if (inNet === null) return;
  const old = new URLSearchParams(inNet);
  if (without(old, NOT_WORDS) === state.kept) { net.drop(form); return; }
  const fits = () => areasOf(form).every(area => (old.get(area.name) ?? '').startsWith(area.value));
  if (!fits()) return;
  old.set(TOKEN, form.elements[TOKEN]?.value ?? '');
  try {
    const line = await post(form, old);
    if (line && !fits()) return;
    if (line) {
      areasOf(form).forEach(area => { area.value = old.get(area.name) ?? ''; });
      state.kept = words(form);
      say(form, line);
    }
    net.drop(form);
  } catch { /* It stays here until the server can be reached. */ }
}

document.addEventListener('input', event => {
  const form = formOf(event.target);
  if (!form) return;
  const state = stateOf(form);
  state.sent = false;
  clearTimeout(state.timer);
  state.timer = setTimeout(() => save(form), PAUSE);
});
document.addEventListener('submit', event => {
  const form = formOf(event.target);
  if (!form) return;
  const state = stateOf(form);
  clearTimeout(state.timer);
  if (words(form) !== state.kept) net.put(form);
  state.sent = true;
});
// Where live.js leaves the region alone, nobody leaves: the words are kept by the timer, and it says so.
document.addEventListener('htmx:beforeSwap', event => { if (event.detail.shouldSwap) forms(event.detail.target ?? document).forEach(leave); });
document.addEventListener('htmx:load', event => forms(event.target.parentElement ?? document).forEach(restore));
addEventListener('pagehide', () => forms().forEach(leave));
addEventListener('pageshow', event => { if (event.persisted) forms().forEach(form => { stateOf(form).sent = false; }); });
document.addEventListener('visibilitychange', () => { if (document.hidden) forms().forEach(save); });
forms().forEach(restore);
