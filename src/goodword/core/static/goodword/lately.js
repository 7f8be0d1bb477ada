/* What was chosen lately, kept in this browser for one member and forgotten when they sign out. */
const MOST = 8;
const store = `palette:${document.getElementById('palette')?.dataset.member}`;

export function lately() {
  try { return JSON.parse(localStorage.getItem(store) ?? '[]'); } catch { return []; }
}

export function remember({ label, detail, url }) {
  const others = lately().filter(each => each.label !== label);
  try {
    localStorage.setItem(store, JSON.stringify([{ label, detail, url }, ...others].slice(0, MOST)));
  } catch { /* Without storage nothing is remembered. */ }
}

document.addEventListener('submit', event => {
  if (!event.target.matches('[data-forgets]')) return;
  // The answer has the browser forget all of its storage; theme.js puts back how it is read.
  try {
    localStorage.removeItem(store);
    const look = new URLSearchParams(['theme', 'letters'].flatMap(name => (
      localStorage.getItem(name) ? [[name, localStorage.getItem(name)]] : []
    )));
    const [prefix, secure] = location.protocol === 'https:' ? ['__Host-', ';secure'] : ['', ''];
    document.cookie = `${prefix}goodword_look=${look};path=/;max-age=60;samesite=lax${secure}`;
  } catch { /* Nothing was there. */ }
});
