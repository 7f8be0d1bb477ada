/* Says every ten seconds that this case is open here, and whether somebody writes. */
const EVERY = 10_000;
const STILL_WRITING = 60_000;
const place = document.querySelector('[data-presence-url]');

if (place) {
  let typed = -Infinity;
  let said = false;
  const isWriting = () => performance.now() - typed < STILL_WRITING
    && [...document.querySelectorAll('textarea[data-writes]')].some(area => area.value.trim());

  const tell = () => {
    if (document.hidden) return;
    said = isWriting();
    const token = document.querySelector('input[name="csrfmiddlewaretoken"]')?.value ?? '';
    const body = new URLSearchParams({ writing: said ? '1' : '', csrfmiddlewaretoken: token });
    // A presence that was not told is told ten seconds later.
    fetch(place.dataset.presenceUrl, { method: 'POST', body, redirect: 'error' }).catch(() => {});
  };

  document.addEventListener('input', event => {
    if (!event.target.matches('textarea[data-writes]')) return;
    typed = performance.now();
    if (said !== isWriting()) tell();
  });
  document.addEventListener('visibilitychange', tell);
  tell();
  setInterval(tell, EVERY);
}
