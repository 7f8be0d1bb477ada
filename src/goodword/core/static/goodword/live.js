/* Nudges from the server: what to fetch again. One stream a browser, shared by its tabs:
   the tab that holds the lock reads it and tells the others. Without it, a poll every 20 s. */
const url = document.body.dataset.stream;
const channel = 'BroadcastChannel' in window ? new BroadcastChannel('goodword-live') : null;
let heard = Date.now();

function nudge(topic) {
  document.querySelectorAll('[data-live]').forEach(element => {
    const topics = element.dataset.live.split(' ');
    if (topic === '*' || topics.includes(topic)) window.htmx?.trigger(element, 'nudge', { topic });
  });
  document.dispatchEvent(new CustomEvent('goodword:nudge', { detail: topic }));
}

function mark(live) {
  let sign = document.getElementById('notlive');
  if (!sign) {
    sign = document.createElement('p');
    sign.id = 'notlive'; sign.className = 'notlive'; sign.setAttribute('role', 'status');
    sign.textContent = document.documentElement.lang.startsWith('de') ? 'Nicht live' : 'Not live: refreshed every 20 seconds';
    document.body.append(sign);
  }
  sign.hidden = live;
}

function tell(message) { receive(message); channel?.postMessage(message); }
function receive(message) {
  heard = Date.now();
  if (message.kind === 'beat') { mark(message.live); return; }
  nudge(message.topic);
}

function readStream() {
  return new Promise(done => {
    const source = new EventSource(url);
    source.onopen = () => tell({ kind: 'beat', live: true });
    source.onerror = () => { tell({ kind: 'beat', live: false }); if (source.readyState === EventSource.CLOSED) { setTimeout(done, 10000); } };
    source.addEventListener('nudge', event => tell({ kind: 'nudge', topic: JSON.parse(event.data).topic }));
    source.addEventListener('reset', () => tell({ kind: 'nudge', topic: '*' }));
    setInterval(() => { if (source.readyState === EventSource.OPEN) tell({ kind: 'beat', live: true }); }, 10000);
  });
}

async function lead() { for (;;) await readStream(); }

if (url) {
  if (channel) channel.onmessage = event => receive(event.data);
  if (navigator.locks) navigator.locks.request('goodword-live', lead); else lead();
  setInterval(() => { if (Date.now() - heard > 25000) { mark(false); nudge('*'); heard = Date.now(); } }, 5000);
}
