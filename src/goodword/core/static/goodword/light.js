/* Light formatting: the marks of Markdown by button and key, and a preview. The marks can be
   typed as well; the text stays what is typed. */
const MARKS = {
  bold: ['**', '**'], italic: ['*', '*'], code: ['`', '`'],
};
const LINES = { list: '- ', quote: '> ', heading: '## ' };
const KEYS = { b: 'bold', i: 'italic', k: 'link' };
const AN_ADDRESS = /^(https?:\/\/|mailto:)\S+$/;

/* As if it was typed, so that the browser's own undo takes it back. */
export function type(area, text) {
  area.focus();
  if (!document.execCommand('insertText', false, text)) {
    area.setRangeText(text, area.selectionStart, area.selectionEnd, 'end');
    area.dispatchEvent(new Event('input', { bubbles: true }));
  }
}

/* Puts a text on a line of its own where the cursor is. */
export function put(area, text) {
  const before = area.value.slice(0, area.selectionStart);
  const after = area.value.slice(area.selectionEnd);
  type(area, `${before && !before.endsWith('\n') ? '\n' : ''}${text}${after.startsWith('\n') ? '' : '\n'}`);
}

const chosen = area => area.value.slice(area.selectionStart, area.selectionEnd);

function around(area, [open, close]) {
  const text = chosen(area);
  const start = area.selectionStart;
  const isOn = area.value.slice(start - open.length, start) === open
    && area.value.slice(area.selectionEnd, area.selectionEnd + close.length) === close;
  if (isOn) {
    area.setSelectionRange(start - open.length, area.selectionEnd + close.length);
    type(area, text);
    area.setSelectionRange(start - open.length, start - open.length + text.length);
    return;
  }
  type(area, open + text + close);
  area.setSelectionRange(start + open.length, start + open.length + text.length);
}

function link(area) {
  const text = chosen(area);
  const start = area.selectionStart;
  const isAddress = AN_ADDRESS.test(text.trim());
  type(area, isAddress ? `[](${text.trim()})` : `[${text}](https://)`);
  if (isAddress || !text) area.setSelectionRange(start + 1, start + 1);
  else area.setSelectionRange(start + text.length + 3, start + text.length + 11);
}

function lines(area, mark) {
  const from = area.value.lastIndexOf('\n', area.selectionStart - 1) + 1;
  area.setSelectionRange(from, Math.max(area.selectionEnd, from));
  const all = chosen(area).split('\n');
  const isOn = all.every(line => line.startsWith(mark));
  type(area, all.map(line => (isOn ? line.slice(mark.length) : mark + line)).join('\n'));
}

function mark(area, name) {
  if (name === 'link') link(area);
  else if (LINES[name]) lines(area, LINES[name]);
  else if (name === 'code' && chosen(area).includes('\n')) around(area, ['```\n', '\n```']);
  else around(area, MARKS[name]);
}

/* A slash that opened the list of blocks goes again when one is put in. */
const endsLine = text => text === '/' || text.endsWith('\n/');

function putIn(area, button) {
  button.closest('[popover]')?.hidePopover();
  area.focus();
  const before = area.value.slice(0, area.selectionStart);
  if (endsLine(before)) area.setSelectionRange(before.length - 1, area.selectionEnd);
  put(area, button.dataset.put);
}

/* The preview is asked of the server, which shows it as the mail and the page will. */
async function preview(button) {
  const form = button.form;
  const place = form.querySelector('[data-preview]');
  const isOpen = place.childElementCount > 0;
  button.setAttribute('aria-expanded', String(!isOpen));
  if (isOpen) { place.replaceChildren(); form.querySelector('[data-light]')?.focus(); return; }
  const body = new FormData(form);
  body.delete('files');
  const answer = await fetch(button.formAction, { method: 'POST', body, headers: { 'HX-Request': 'true' } });
  if (!answer.ok) { form.requestSubmit(button); return; }
  place.innerHTML = await answer.text();
  place.scrollIntoView({ block: 'nearest' });
}

document.addEventListener('click', event => {
  const button = event.target.closest?.('[data-light-mark], [data-preview-button], [data-put]');
  if (!button) return;
  const area = button.form?.querySelector('[data-light]');
  if (!area) return;
  if (button.matches('[data-preview-button]')) { event.preventDefault(); preview(button).catch(() => button.form.requestSubmit(button)); }
  else if (button.matches('[data-put]')) putIn(area, button);
  else mark(area, button.dataset.lightMark);
});

document.addEventListener('input', event => {
  const area = event.target;
  if (event.data !== '/' || !area.matches?.('[data-light]') || !endsLine(area.value.slice(0, area.selectionStart))) return;
  const list = area.form.querySelector('#howto');
  list?.showPopover();
  list?.querySelector('input').focus();
});

document.addEventListener('keydown', event => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.isComposing) return;
  const form = event.target.closest?.('form');
  if (event.shiftKey && event.key.toLowerCase() === 'p') {
    const button = form?.querySelector('[data-preview-button]') ?? document.querySelector('[data-preview-button]');
    if (button) { event.preventDefault(); button.click(); }
  } else if (!event.shiftKey && event.target.matches?.('[data-light]') && KEYS[event.key.toLowerCase()]) {
    // Ctrl K makes a link of words that are chosen; without any it is the palette’s.
    if (event.key.toLowerCase() === 'k' && !chosen(event.target)) return;
    event.preventDefault();
    mark(event.target, KEYS[event.key.toLowerCase()]);
  }
});
