/* The seconds in which a message can be taken back, counted down where it says so. */
const WITHIN = /[?&]within=(\d+)/;
const ends = new WeakMap();

function seconds(form) {
  const said = form.dataset.goneIn ?? form.getAttribute('action')?.match(WITHIN)?.[1];
  return said === undefined ? null : Number(said);
}

function tick() {
  for (const form of document.querySelectorAll('.toast form, form[data-gone-in]')) {
    if (!ends.has(form)) ends.set(form, seconds(form) === null ? null : Date.now() + seconds(form) * 1000);
    const end = ends.get(form);
    if (end === null) continue;
    const left = Math.ceil((end - Date.now()) / 1000);
    if (left <= 0) { (form.closest('.toast') ?? form).remove(); continue; }
    let place = form.querySelector('[data-left]');
    if (!place) {
      place = Object.assign(document.createElement('span'), { className: 'left' });
      place.dataset.left = '';
      form.querySelector('button').append(' ', place);
    }
    place.textContent = `${left}`;
  }
}

setInterval(tick, 250);
tick();
