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
  try { localStorage.removeItem(store); } catch { /* Nothing was there. */ }
});
