/* Rows of promises: letters act on the row that has the focus, and “Kept” asks for evidence here. */
document.addEventListener('keydown', event => {
  // “G then T” goes to Today; it must not take the case of the row on its way.
  if (event.defaultPrevented || document.documentElement.dataset.letters === 'off' || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
  if (event.target.closest('input, textarea, select, [contenteditable]')) return;
  const row = document.activeElement?.closest('[data-row]');
  const act = row?.querySelector(`[data-row-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (act) { event.preventDefault(); act.click(); }
});

document.addEventListener('click', event => {
  const opener = event.target.closest('[data-keep]');
  const dialog = document.getElementById('keepit');
  if (!opener || !dialog || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  dialog.querySelector('form').action = opener.dataset.keep;
  dialog.querySelector('[data-keep-word]').textContent = opener.dataset.word;
  dialog.showModal();
  dialog.querySelector('input[name="evidence"]').focus();
});
