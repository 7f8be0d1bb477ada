/* Addresses as chips: Enter, a comma or leaving the field makes one of what was typed. Without
   it the field itself is sent, and the next page shows the chips. */
const PARTS = /[\s,;]+/;
const looksLike = text => /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text);

function chip(field, address) {
  const item = document.createElement('li');
  item.className = `chip${field.name === 'bcc' ? ' secret' : ''}`;
  const label = document.createElement('label');
  const box = Object.assign(document.createElement('input'), { type: 'checkbox', name: field.name, value: address, checked: true });
  const name = Object.assign(document.createElement('span'), { className: 'name', textContent: address });
  const sees = Object.assign(document.createElement('small'), { textContent: field.dataset.sees });
  label.append(box, name, ' ', sees);
  item.append(label);
  return item;
}

function make(field) {
  const form = field.form;
  const list = form.querySelector('[data-chips]');
  const rest = [];
  for (const address of field.value.split(PARTS).filter(Boolean)) {
    const there = [...form.querySelectorAll(`input[type="checkbox"][name="${field.name}"]`)].find(box => box.value === address.toLowerCase());
    if (!looksLike(address)) rest.push(address);
    else if (there) there.checked = true;
    else list.append(chip(field, address.toLowerCase()));
  }
  const typed = rest.join(' ');
  const isNew = field.value.trim() !== typed;
  field.value = typed;
  if (isNew) form.dispatchEvent(new Event('input', { bubbles: true }));
}

const fieldOf = event => event.target.matches?.('[data-chip-field]') && event.target;

document.addEventListener('keydown', event => {
  const field = fieldOf(event);
  if (!field || event.isComposing || event.ctrlKey || event.metaKey) return;
  if (event.key === 'Enter' || event.key === ',' || event.key === ';') {
    event.preventDefault();
    make(field);
  }
});
document.addEventListener('change', event => { const field = fieldOf(event); if (field) make(field); });
