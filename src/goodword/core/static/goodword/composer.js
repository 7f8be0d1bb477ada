/* The composer: rows for promises come and go, and chosen files are named. Without it, the
   same is done by buttons of the form. */
function changed(form) { form?.dispatchEvent(new Event('input', { bubbles: true })); }

function addRow(button) {
  const rows = button.closest('[data-rows]').querySelector('[data-rows-here]');
  rows.append(document.getElementById(button.dataset.addRow).content.cloneNode(true));
  window.htmx?.process(rows.lastElementChild);
  rows.lastElementChild.querySelector('input, select, textarea')?.focus();
}

function dropRow(button) {
  const row = button.closest('[data-row-of]');
  const form = row.closest('form');
  const next = row.previousElementSibling?.querySelector('input, select') ?? form?.querySelector('[data-add-row]');
  row.remove();
  next?.focus();
  changed(form);
}

function setField(button) {
  const field = button.closest('[data-row-of], .field, form').querySelector(button.dataset.set);
  if (!field) return;
  field.value = button.dataset.value;
  changed(field);
}

/* The names of the files stand beside the button before anything is sent. */
function nameFiles(input) {
  const list = input.form.querySelector('[data-chosen]') ?? document.createElement('ul');
  list.dataset.chosen = '';
  list.className = 'files chosen';
  list.replaceChildren(...[...input.files].map(file => {
    const item = document.createElement('li');
    item.className = 'file';
    item.textContent = file.name;
    return item;
  }));
  if (!list.isConnected) (input.closest('.foot') ?? input).before(list);
}

document.addEventListener('click', event => {
  const button = event.target.closest?.('[data-add-row], [data-drop-row], [data-set]');
  if (!button) return;
  if (button.matches('[data-add-row]')) addRow(button);
  else if (button.matches('[data-drop-row]')) dropRow(button);
  else setField(button);
});
document.addEventListener('change', event => {
  if (event.target.matches?.('input[type="file"][multiple]:not([data-upload])')) nameFiles(event.target);
});
