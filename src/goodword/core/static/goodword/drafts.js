/* Half-typed words are kept as they are typed: on the server, and here as a second net. */
const forms = new WeakMap();

function fieldsOf(form) {
  const data = new FormData(form);
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  return data;
}

async function save(form, leaving = false) {
  const state = forms.get(form);
  const data = fieldsOf(form);
  const text = new URLSearchParams(data).toString();
  if (text === state.saved || state.sent) return;
  try { localStorage.setItem(`draft:${form.dataset.draftUrl}`, text); } catch { /* no storage: the server alone */ }
  try {
    const answer = await fetch(form.dataset.draftUrl, { method: 'POST', body: data, keepalive: leaving && text.length < 60000, credentials: 'same-origin', headers: { 'X-Requested-With': 'draft' } });
    if (answer.ok) { state.saved = text; show(form, await answer.text()); } else show(form, form.dataset.draftFailed ?? '');
  } catch { show(form, form.dataset.draftFailed ?? ''); }
}

function show(form, words) {
  const place = form.querySelector('[data-draft-saved]');
  if (place) place.textContent = words;
}

document.querySelectorAll('form[data-draft-url]').forEach(form => {
  const state = { saved: new URLSearchParams(fieldsOf(form)).toString(), timer: 0, sent: false };
  forms.set(form, state);
  form.addEventListener('input', () => { clearTimeout(state.timer); state.timer = setTimeout(() => save(form), 400); });
  form.addEventListener('submit', () => { state.sent = true; clearTimeout(state.timer); try { localStorage.removeItem(`draft:${form.dataset.draftUrl}`); } catch { /* nothing to remove */ } });
  addEventListener('pagehide', () => save(form, true));
});
