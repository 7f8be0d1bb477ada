/* Passkeys: the browser makes or shows one, and the form carries it. The buttons are hidden until
   this runs, and a sentence stands in their place for browsers without scripts. */
const bytes = text => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), letter => letter.charCodeAt(0)).buffer;
const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const known = list => (list || []).map(each => ({ ...each, id: bytes(each.id) }));

function asked({ publicKey: wanted }) {
  const user = wanted.user && { ...wanted.user, id: bytes(wanted.user.id) };
  const lists = { excludeCredentials: known(wanted.excludeCredentials), allowCredentials: known(wanted.allowCredentials) };
  return { ...wanted, ...lists, ...(user && { user }), challenge: bytes(wanted.challenge) };
}

function told(credential) {
  const response = {};
  for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return { type: credential.type, id: credential.id, rawId: text(credential.rawId), response, authenticatorAttachment: credential.authenticatorAttachment, clientExtensionResults: credential.getClientExtensionResults() };
}

async function use(form) {
  const said = form.querySelector('[data-passkey-said]');
  const token = form.querySelector('[name="csrfmiddlewaretoken"]').value;
  said.textContent = '';
  try {
    const answer = await fetch(form.dataset.ask, { method: 'POST', headers: { 'X-CSRFToken': token }, credentials: 'same-origin' });
    if (answer.redirected || !answer.ok) { location.assign(answer.redirected ? answer.url : location.href); return; }
    const publicKey = asked(await answer.json());
    const credential = form.dataset.passkey === 'make' ? await navigator.credentials.create({ publicKey }) : await navigator.credentials.get({ publicKey });
    form.querySelector('[name="credential"]').value = JSON.stringify(told(credential));
    form.submit();
  } catch {
    said.textContent = form.dataset.failed;
  }
}

document.querySelectorAll('form[data-passkey]').forEach(form => {
  if (!window.PublicKeyCredential) return;
  form.querySelectorAll('[data-without-script]').forEach(part => { part.hidden = true; });
  form.querySelectorAll('[data-with-script]').forEach(part => { part.hidden = false; });
  form.addEventListener('submit', event => { event.preventDefault(); use(form); });
});
document.querySelectorAll('[data-print]').forEach(button => {
  button.hidden = false;
  button.addEventListener('click', () => window.print());
});
