/* Reads the server's nudges and tells them on: {kind: 'nudge', topic} and {kind: 'state', live}.
   Used by the worker that all tabs share, or by the one tab that reads for the others. */
const NAMES = ['case', 'inbox', 'promises', 'presence', 'operating', 'told', 'nudge'];
const AGAIN = 20_000;
const BEAT = 10_000;

export function follow(url, tell) {
  let source;
  // The first page was made before its stream was open, so it may have missed something too.
  let wasDown = true;
  const state = () => ({ kind: 'state', live: source?.readyState === EventSource.OPEN });
  const down = () => { wasDown = true; tell({ kind: 'state', live: false }); };

  function open() {
    source = new EventSource(url);
    source.onopen = () => {
      tell(state());
      if (wasDown) tell({ kind: 'nudge', topic: '*' });
      wasDown = false;
    };
    // The browser comes back by itself after a broken line, but not after a refusal.
    source.onerror = () => { down(); if (source.readyState === EventSource.CLOSED) setTimeout(open, AGAIN); };
    source.addEventListener('reset', () => tell({ kind: 'nudge', topic: '*' }));
    for (const name of NAMES) {
      source.addEventListener(name, event => tell({ kind: 'nudge', topic: JSON.parse(event.data).topic }));
    }
  }

  open();
  setInterval(() => tell(state()), BEAT);
  return state;
}
