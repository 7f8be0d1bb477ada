/* Web push: the browser is asked, and what it answers is handed to the desk. The button is hidden
   until this runs; where the browser cannot, a sentence says so. */
const bytes = text => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), letter => letter.charCodeAt(0));
const can = 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;

async function subscribed({ worker, push }) {
  await navigator.serviceWorker.register(worker);
  const { pushManager } = await navigator.serviceWorker.ready;
  const there = await pushManager.getSubscription();
  return there ?? pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(push) });
}

async function ask(form) {
  const said = form.querySelector('[data-push-said]');
  said.textContent = '';
  if (await Notification.requestPermission() !== 'granted') { said.textContent = form.dataset.denied; return; }
  try {
    const subscription = await subscribed(form.dataset);
    form.querySelector('[name="subscription"]').value = JSON.stringify(subscription);
    const answer = await fetch(form.action, { method: 'POST', body: new FormData(form), credentials: 'same-origin' });
    const told = await answer.json();
    if (answer.ok) { location.assign(told.to); location.reload(); } else said.textContent = told.said;
  } catch {
    said.textContent = form.dataset.failed;
  }
}

document.querySelectorAll('form[data-push]').forEach(form => {
  form.querySelectorAll('[data-without-script]').forEach(part => { part.hidden = true; });
  if (!can) { form.querySelector('[data-push-said]').textContent = form.dataset.cannot; return; }
  form.querySelectorAll('[data-with-script]').forEach(part => { part.hidden = false; });
  form.addEventListener('submit', event => { event.preventDefault(); ask(form); });
});
