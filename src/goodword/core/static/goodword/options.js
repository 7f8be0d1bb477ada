/* One line of the palette: an icon, what it does, its keys. */
export function part(tag, attributes, text = '') {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  return made;
}

export function row(entry, number, icons) {
  const option = part('div', { role: 'option', id: `palette-${number}`, 'aria-selected': 'false' });
  option.append(icon(entry, icons), part('b', {}, entry.label));
  if (entry.detail) option.append(part('small', {}, entry.detail));
  const keys = [...(entry.letter ? ['G', entry.letter] : []), ...(entry.key ? [entry.key] : [])];
  const end = part('span', { class: 'end' });
  end.append(...keys.map(key => part('kbd', {}, key.toUpperCase())));
  if (keys.length) option.append(end);
  return option;
}

function icon({ element, icon: name }, icons) {
  const own = element?.querySelector('svg.icon');
  if (own) return own.cloneNode(true);
  const made = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  made.setAttribute('class', 'icon');
  made.setAttribute('aria-hidden', 'true');
  made.append(document.createElementNS('http://www.w3.org/2000/svg', 'use'));
  made.firstChild.setAttribute('href', `${icons}#i-${name ?? 'arrow-right'}`);
  return made;
}
