/* “@” in a note offers colleagues. Without it one writes the name; the server knows it as well. */
const WORD = /(?:^|[^\w@.+-])@([\p{L}\p{N}_.-]*)$/u;
let box = null;
let field = null;
let asked = 0;

function typed(area) {
  const found = WORD.exec(area.value.slice(0, area.selectionStart));
  return found ? found[1] : null;
}

function close() {
  box?.remove();
  box = null;
  field?.removeAttribute('aria-activedescendant');
  field?.removeAttribute('aria-controls');
  field = null;
}

async function offer(area) {
  const word = typed(area);
  const form = area.closest('form[action$="/note"]');
  if (word === null || !form) { close(); return; }
  const mine = ++asked;
  const url = form.action.replace(/note$/, `mentionable?q=${encodeURIComponent(word)}`);
  const answer = await fetch(url, { headers: { accept: 'application/json' } }).catch(() => null);
  if (mine !== asked || !answer?.ok || typed(area) !== word) return;
  show(area, await answer.json());
}

function show(area, { rows, outside }) {
  close();
  if (!rows.length) return;
  field = area;
  box = document.createElement('div');
  box.className = 'mentions';
  box.id = 'mentions';
  box.setAttribute('role', 'listbox');
  rows.forEach((row, at) => {
    const option = document.createElement('div');
    option.id = `mention-${at}`;
    option.setAttribute('role', 'option');
    option.setAttribute('aria-selected', String(at === 0));
    option.dataset.handle = row.handle;
    const name = document.createElement('b');
    name.textContent = row.name;
    const handle = document.createElement('small');
    handle.textContent = row.sees ? `@${row.handle}` : `@${row.handle}, ${outside}`;
    option.append(name, handle);
    box.append(option);
  });
  document.body.append(box);
  const at = area.getBoundingClientRect();
  box.style.insetInlineStart = `${at.left}px`;
  box.style.insetBlockEnd = `${window.innerHeight - at.top + 4}px`;
  area.setAttribute('aria-controls', 'mentions');
  area.setAttribute('aria-activedescendant', 'mention-0');
}

function chosen() { return box?.querySelector('[aria-selected="true"]'); }

function step(by) {
  const all = [...box.children];
  const at = (all.indexOf(chosen()) + by + all.length) % all.length;
  all.forEach((each, number) => each.setAttribute('aria-selected', String(number === at)));
  field.setAttribute('aria-activedescendant', all[at].id);
}

function put(handle) {
  const area = field;
  const end = area.selectionStart;
  const start = end - typed(area).length;
  area.setRangeText(`${handle} `, start, end, 'end');
  close();
  area.dispatchEvent(new Event('input', { bubbles: true }));
  area.focus();
}

document.addEventListener('input', event => {
  if (event.target.matches('form[action$="/note"] textarea')) offer(event.target);
});
document.addEventListener('keydown', event => {
  if (!box || event.target !== field) return;
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') step(event.key === 'ArrowDown' ? 1 : -1);
  else if ((event.key === 'Enter' && !event.ctrlKey && !event.metaKey) || event.key === 'Tab') put(chosen().dataset.handle);
  else if (event.key === 'Escape') close();
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);
document.addEventListener('mousedown', event => {
  const option = event.target.closest('.mentions [role="option"]');
  if (option) { event.preventDefault(); put(option.dataset.handle); } else close();
});
document.addEventListener('focusout', event => { if (event.target === field) close(); });
