/* Nudges: what to fetch again. A region says what it shows: data-live="case:12 inbox", with
   hx-get and hx-trigger="nudge"; "minute" is for what goes by the clock. One stream a browser;
   while it is down, a look every 20 s. */
import { follow } from './stream.js';

const POLL = 20_000;
const SILENT = 25_000;
const MINUTE = 60_000;
const { stream, notLive } = document.body.dataset;
const waiting = new Set();
let live = false;
let told = Date.now();

/* A region is left alone while somebody uses it, and fetched as soon as they have done. */
function isInUse(region) {
  if (region.querySelector(':popover-open, dialog[open], .refusal, .leaves[open]')) return true;
  const at = document.activeElement;
  if (region.contains(at) && at.matches('input, textarea, select, [contenteditable]')) return true;
  return typed(region).length > 0;
}

function typed(within) {
  return [...within.querySelectorAll('textarea, input[type="text"], input:not([type])')]
    .filter(field => field.value !== field.defaultValue);
}

function nudge(topic) {
  waiting.add(topic);
  serve();
}

function serve() {
  if (document.hidden || !window.htmx) return;
  const topics = [...waiting];
  waiting.clear();
  for (const region of document.querySelectorAll('[data-live]')) {
    const wanted = region.dataset.live.split(' ');
    const heard = topics.filter(topic => topic === '*' || wanted.includes(topic));
    if (!heard.length) continue;
    if (isInUse(region)) wanted.forEach(topic => heard.includes(topic) || heard.includes('*') ? waiting.add(topic) : 0);
    else fetchAgain(region, heard[0]);
  }
}

/* A nudge that comes while an answer is on its way waits on the element which that answer replaces,
   and would go with it. What is owed to a region is asked by whoever stands in its place. */
const owed = new Map();
function fetchAgain(region, topic) {
  if (region.id) owed.set(region.id, topic);
  window.htmx.trigger(region, 'nudge', { topic });
}
document.addEventListener('casechanged', () => {
  document.querySelectorAll('[data-live][id][hx-trigger*="casechanged"]').forEach(region => owed.set(region.id, region.dataset.live.split(' ')[0]));
}, true);
document.addEventListener('htmx:beforeSend', ({ detail: { elt } }) => {
  if (elt.matches('[data-live]')) owed.delete(elt.id);
});
document.addEventListener('htmx:load', ({ detail: { elt } }) => {
  if (elt.matches?.('[data-live]') && owed.has(elt.id)) fetchAgain(elt, owed.get(elt.id));
});

/* Somebody may have begun to type while it was on its way: it is fetched once more, later. After
   the member's own act only what is typed holds it back; a field that is left empty keeps its focus. */
document.addEventListener('htmx:beforeSwap', event => {
  const { target, requestConfig } = event.detail;
  const why = requestConfig?.triggeringEvent?.type;
  if (!target?.matches('[data-live]')) return;
  if (!(why === 'nudge' && isInUse(target)) && !(why === 'casechanged' && typed(target).length)) return;
  event.detail.shouldSwap = false;
  waiting.add(target.dataset.live.split(' ')[0]);
});

/* What was sent is no longer being typed; what was typed after it is. */
const sent = new WeakMap();
document.addEventListener('htmx:beforeRequest', ({ detail: { elt } }) => {
  if (elt.matches('[data-live] form')) sent.set(elt, typed(elt).map(field => [field, field.value]));
});
document.addEventListener('htmx:afterRequest', ({ detail: { elt, successful } }) => {
  if (!successful) return;
  for (const [field, value] of sent.get(elt) ?? []) if (field.value === value) field.value = field.defaultValue;
});

/* What will run close says when, so that it is fetched at that second and not at the next minute. */
const timers = new WeakMap();
function expect() {
  for (const element of document.querySelectorAll('[data-changes-in]')) {
    if (timers.has(element)) continue;
    timers.set(element, setTimeout(() => { if (element.isConnected) { nudge('promises'); nudge('minute'); } }, element.dataset.changesIn * 1000));
  }
}

function show() {
  let sign = document.getElementById('notlive');
  if (!sign && !live) {
    sign = document.createElement('p');
    sign.id = 'notlive';
    sign.className = 'notlive';
    sign.setAttribute('role', 'status');
    sign.textContent = notLive ?? '';
    // Over the clock and the menu it would hide them.
    const foot = document.querySelector('.side-foot');
    if (foot?.checkVisibility()) foot.prepend(sign); else document.body.append(sign);
  }
  if (sign) sign.hidden = live;
}

function receive(message) {
  told = Date.now();
  if (message.kind === 'nudge') { nudge(message.topic); return; }
  live = message.live;
  // A page that has just been opened is not yet down.
  if (live || performance.now() > 5000) show();
}

function share(url) {
  if ('SharedWorker' in window) {
    const worker = new SharedWorker(new URL('live-worker.js', import.meta.url), { type: 'module', name: url });
    worker.onerror = () => lead(url);
    worker.port.onmessage = event => receive(event.data);
    // What was nudged since this page was asked for may be missing on it.
    worker.port.postMessage({ kind: 'here', url, since: performance.timeOrigin });
    let left = 0;
    addEventListener('pagehide', () => { left = Date.now(); worker.port.postMessage({ kind: 'bye' }); });
    addEventListener('pageshow', event => { if (event.persisted) worker.port.postMessage({ kind: 'here', url, since: left }); });
  } else lead(url);
}

/* Without shared workers the tab that holds the lock reads for all. */
function lead(url) {
  const channel = 'BroadcastChannel' in window ? new BroadcastChannel('goodword-live') : null;
  if (channel) channel.onmessage = event => receive(event.data);
  const read = () => new Promise(() => follow(url, message => { receive(message); channel?.postMessage(message); }));
  if (channel && navigator.locks) navigator.locks.request('goodword-live', read); else read();
}

if (stream) {
  share(stream);
  expect();
  document.addEventListener('htmx:load', expect);
  document.addEventListener('visibilitychange', serve);
  document.addEventListener('focusout', () => setTimeout(serve, 0));
  document.addEventListener('toggle', () => setTimeout(serve, 0), true);
  setInterval(() => {
    if (Date.now() - told > SILENT && live) { live = false; show(); }
    if (!live) nudge('*');
  }, POLL);
  setInterval(() => nudge('minute'), MINUTE);
}
