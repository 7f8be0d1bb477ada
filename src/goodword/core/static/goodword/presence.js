/* Says that this case is open here, and whether somebody writes. */
const place = document.querySelector('[data-presence-url]');
if (place) {
  const isWriting = () => [...place.querySelectorAll('textarea[data-writes]')].some(area => area.value.trim() && (area === document.activeElement || area.dataset.touched));
  const token = () => document.querySelector('input[name="csrfmiddlewaretoken"]')?.value ?? '';
  let last = '';
  const tell = () => {
    if (document.hidden) return;
    const body = new URLSearchParams({ writing: isWriting() ? '1' : '', csrfmiddlewaretoken: token() });
    last = body.get('writing');
    fetch(place.dataset.presenceUrl, { method: 'POST', body, credentials: 'same-origin' }).catch(() => {});
  };
  place.addEventListener('input', event => {
    if (event.target.matches('textarea[data-writes]')) { event.target.dataset.touched = '1'; if (!last) tell(); }
  });
  tell();
  setInterval(tell, 10000);
}
