/* Choosing rows: X for the row that has the focus, Shift-click for all between, Escape for none.
   Without it the boxes and the form work by themselves. */
const boxes = () => [...document.querySelectorAll('[data-pick]')];
let last = null;
let stale = false;

function count() {
  const chosen = boxes().filter(box => box.checked).length;
  const shown = document.querySelector('#several [data-count]');
  if (shown) shown.textContent = String(chosen);
  const list = document.getElementById('inbox-list');
  if (!chosen && stale && list) { stale = false; window.htmx.trigger(list, 'nudge'); }
}

function clear() { boxes().forEach(box => { box.checked = false; }); last = null; count(); }

document.addEventListener('click', event => {
  if (event.target.closest('[data-clear]')) { event.preventDefault(); clear(); return; }
  const box = event.target.closest('[data-pick]');
  if (!box) return;
  const all = boxes();
  const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
  if (event.shiftKey && from >= 0) all.slice(from, to + 1).forEach(each => { each.checked = box.checked; });
  last = box;
  count();
});

document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest('input:not([type="checkbox"]), textarea, select, [contenteditable], dialog')) return;
  if (event.key === 'Escape' && boxes().some(box => box.checked) && !document.querySelector(':popover-open')) { clear(); return; }
  if (event.key.toLowerCase() !== 'x' || document.documentElement.dataset.letters === 'off') return;
  const row = document.activeElement?.closest('.rows > li') ?? document.querySelector('.rowlink[aria-current]')?.closest('li');
  const box = row?.querySelector('[data-pick]');
  if (!box) return;
  event.preventDefault();
  if (event.shiftKey && last) {
    const all = boxes();
    const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
    all.slice(from, to + 1).forEach(each => { each.checked = true; });
  } else box.checked = !box.checked;
  last = box;
  count();
});

/* While rows are chosen the list stands still under the hand; it is fetched once they are not. */
const isChoosing = () => boxes().some(box => box.checked);
document.addEventListener('htmx:beforeRequest', event => {
  if (event.target.id !== 'inbox-list' || !isChoosing()) return;
  event.preventDefault();
  stale = true;
});
document.addEventListener('htmx:beforeSwap', event => {
  if (event.target.id !== 'inbox-list' || !isChoosing()) return;
  event.detail.shouldSwap = false;
  stale = true;
});
document.addEventListener('htmx:afterSettle', count);
count();
