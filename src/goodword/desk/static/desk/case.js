/* The case: what the page needs beyond forms and links. Each act works without it. */
const body = document.body;

/* A dialog whose form was done closes; the parts of the page fetch themselves again. */
body.addEventListener('closedialog', () => document.getElementById('case-dialog')?.close());

/* An undo that was used leaves. */
document.addEventListener('click', event => {
  const undo = event.target.closest('[data-dismiss]');
  if (undo) setTimeout(() => undo.closest('.toast')?.remove(), 300);
  const then = event.target.closest('[data-then]');
  const choice = then && document.getElementById(`then-${then.dataset.then}`);
  if (choice) {
    event.preventDefault();
    choice.checked = true;
    choice.dispatchEvent(new Event('input', { bubbles: true }));
    then.closest('[popover]')?.hidePopover?.();
    document.getElementById('text')?.focus();
  }
});

/* A form that comes back refused is shown where it is. */
document.getElementById('refusal')?.scrollIntoView({ block: 'nearest' });
if (document.getElementById('refusal')) document.getElementById('text')?.focus();
