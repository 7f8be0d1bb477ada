/* What this browser holds of half-typed words until the server has them, and how they travel. */
export const TOKEN = 'csrfmiddlewaretoken';
export const NOT_WORDS = [TOKEN, 'form_id', 'seen', 'next', 'draft_version', 'file_here', 'chips_here'];

function written(form) {
  const data = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === 'string') data.append(name, value);
  return data;
}

export function without(data, names) {
  const rest = new URLSearchParams(data);
  names.forEach(name => rest.delete(name));
  return rest.toString();
}

export const words = form => without(written(form), NOT_WORDS);
export const typed = form => without(written(form), [TOKEN]);
export { written };

export const net = {
  key: form => `draft:${form.dataset.draftUrl}:${form.elements.mode?.value ?? ''}`,
  put(form) { try { localStorage.setItem(this.key(form), typed(form)); } catch { /* the server alone, then */ } },
  get(form) { try { return localStorage.getItem(this.key(form)); } catch { return null; } },
  drop(form) { try { localStorage.removeItem(this.key(form)); } catch { /* nothing to drop */ } },
};

/* The line to show beside the form; nothing where the form was sent meanwhile. Throws.
   In parts, since a long text grows threefold when it is coded for an address. */
export async function post(form, data) {
  const body = new FormData();
  for (const [name, value] of data) body.append(name, value);
  const answer = await fetch(form.dataset.draftUrl, { method: 'POST', body, redirect: 'error' });
  const isLine = answer.headers.get('content-type')?.startsWith('text/plain');
  if (!answer.ok || !isLine) throw new Error(answer.statusText);
  await follow(form, answer.headers);
  return answer.text();
}

/* Which version the server holds now; and what another window typed meanwhile is shown. */
async function follow(form, headers) {
  const version = headers.get('Draft-Version');
  if (version && form.elements.draft_version) form.elements.draft_version.value = version;
  const place = form.querySelector('[data-other]');
  if (!place || !headers.get('Draft-Other') || !form.dataset.otherUrl) return;
  const answer = await fetch(form.dataset.otherUrl, { headers: { 'HX-Request': 'true' } });
  if (answer.ok) place.innerHTML = await answer.text();
}
