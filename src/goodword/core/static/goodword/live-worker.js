/* The worker that all tabs of a browser share: one stream, however many tabs are open. */
import { follow } from './stream.js';

const REMEMBERED = 60_000;
const ports = new Set();
let recent = [];
let state;

function tell(message) {
  if (message.kind === 'nudge') {
    const now = Date.now();
    recent = [...recent.filter(({ at }) => now - at < REMEMBERED), { at: now, message }];
  }
  ports.forEach(port => port.postMessage(message));
}

/* A page that comes late is told what it may have missed while it was loading. */
function welcome(port, since) {
  ports.add(port);
  port.postMessage(state());
  const isLong = since < Date.now() - REMEMBERED;
  if (isLong) port.postMessage({ kind: 'nudge', topic: '*' });
  else recent.filter(({ at }) => at >= since).forEach(({ message }) => port.postMessage(message));
}

self.onconnect = event => {
  const port = event.ports[0];
  port.onmessage = ({ data }) => {
    if (data.kind === 'bye') { ports.delete(port); return; }
    state ??= follow(data.url, tell);
    welcome(port, data.since);
  };
};
