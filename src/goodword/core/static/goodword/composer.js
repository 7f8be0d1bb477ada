/* The composer: rows for promises are added and taken away; the button names what it does. */
document.addEventListener('click', event => {
  const add = event.target.closest('[data-add-row]');
  if (add) {
    const model = document.getElementById(add.dataset.addRow);
    const row = model.content.cloneNode(true);
    add.closest('[data-rows]').querySelector('[data-rows-here]').append(row);
    add.closest('[data-rows]').querySelector('[data-rows-here] > :last-child input')?.focus();
  }
  const drop = event.target.closest('[data-drop-row]');
  if (drop) drop.closest('[data-row-of]').remove();
  const preset = event.target.closest('[data-set]');
  if (preset) {
    const input = preset.closest('[data-row-of], .field, form').querySelector(preset.dataset.set);
    if (input) { input.value = preset.dataset.value; input.dispatchEvent(new Event('input', { bubbles: true })); }
  }
});
