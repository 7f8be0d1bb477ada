/* New case: only what belongs to the chosen beginning is shown. Without this, all of it is. */
const form = document.querySelector('[data-opening]');
function show() {
  const how = form.querySelector('[name="how"]:checked')?.value;
  form.querySelectorAll('[data-when]').forEach(part => { part.hidden = !part.dataset.when.split(' ').includes(how); });
}
if (form) { form.addEventListener('change', show); show(); }
