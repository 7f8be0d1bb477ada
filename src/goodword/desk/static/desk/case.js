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

/* A link to a message is copied; without a clipboard it is followed, as any link is. */
document.addEventListener('click', async event => {
  const link = event.target.closest('a[data-copy]');
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || !navigator.clipboard) return;
  event.preventDefault();
  try {
    await navigator.clipboard.writeText(link.href);
  } catch {
    location.assign(link.href);
    return;
  }
  const toast = document.createElement('div');
  toast.className = 'toast';
  toast.dataset.state = 'success';
  toast.textContent = link.dataset.copy;
  document.getElementById('toasts')?.append(toast);
});

/* Only a script can print, so only a script shows the button. */
const print = document.querySelector('[data-print]');
if (print) {
  print.hidden = false;
  print.addEventListener('click', () => window.print());
}

/* A form that comes back refused is shown where it is. */
document.getElementById('refusal')?.scrollIntoView({ block: 'nearest' });
const unanswered = document.querySelector('#refusal[data-code="VAGUE_TIME"]') && [...document.querySelectorAll('.wordchip.asks [data-chip-when]')].find(field => !field.value);
if (document.getElementById('refusal')) (unanswered || document.getElementById('text'))?.focus();
unanswered?.closest('li').scrollIntoView({ block: 'nearest' });
