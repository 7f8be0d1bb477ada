/* The inbox: on wide screens a row shows its case beside the list; Enter and a second click open it. */
const wide = matchMedia('(min-width: 47.5rem)');
let timer = 0;

function shown() { return document.querySelector('#preview [data-case]')?.dataset.case; }

function mark() {
  const pk = shown();
  document.querySelectorAll('.rowlink').forEach(row => {
    if (row.id === `row-${pk}`) row.setAttribute('aria-current', 'true'); else row.removeAttribute('aria-current');
  });
}

function show(row) {
  if (row.id === `row-${shown()}`) return;
  window.htmx.ajax('GET', row.dataset.preview, { target: '#preview', swap: 'innerHTML' });
}

document.addEventListener('click', event => {
  const row = event.target.closest('.rowlink[data-preview]');
  if (!row || !wide.matches || event.detail === 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (row.id === `row-${shown()}`) return;
  event.preventDefault();
  show(row);
});
document.addEventListener('focusin', event => {
  const row = event.target.closest?.('.rowlink[data-preview]');
  clearTimeout(timer);
  if (row && wide.matches && row.matches(':focus-visible')) timer = setTimeout(() => show(row), 150);
});
/* A conversation opens at its end, and the row that it belongs to is marked. */
const toEnd = () => { const box = document.querySelector('#preview .scroll'); if (box) box.scrollTop = box.scrollHeight; };
document.addEventListener('htmx:afterSettle', event => { mark(); if (event.target.id === 'preview') toEnd(); });
toEnd();
/* What was begun in the preview is kept before another case takes its place. */
document.body.addEventListener('casechanged', () => {
  const pk = shown();
  const row = pk && document.getElementById(`row-${pk}`);
  const text = document.querySelector('#quick')?.value.trim();
  if (row && !text) window.htmx.ajax('GET', row.dataset.preview, { target: '#preview', swap: 'innerHTML' });
});
