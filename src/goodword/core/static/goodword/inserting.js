/* data-insert="#text" data-words="…": puts words into a field where its cursor is, as if they
   had been typed, so that Ctrl Z takes them back and the draft keeps them. */
document.addEventListener('click', event => {
  const button = event.target.closest?.('[data-insert]');
  const field = button && document.querySelector(button.dataset.insert);
  if (!field) return;
  const before = field.value.slice(0, field.selectionStart);
  const gap = !before || /\s$/.test(before) ? '' : '\n';
  field.focus();
  const words = `${gap}${button.dataset.words}`;
  if (!document.execCommand('insertText', false, words)) {
    field.setRangeText(words, field.selectionStart, field.selectionEnd, 'end');
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }
});
