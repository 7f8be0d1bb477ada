/* Files by paste, drop and button: kept with the draft at once, with their progress. Without it
   the button's files go with the form. */
import { put } from './light.js';

const WHOLE = 100;
const MOST_AT_ONCE = 20;

const formOf = element => element.closest?.('form[data-files-url]');

/* What the ticked files weigh, as the list says; the server reckons again. */
function inRoom(form, file, taken) {
  return file.size + taken <= Number(form.dataset.room);
}

function line(form, words, state) {
  const place = form.querySelector('[data-uploads]');
  const item = document.createElement('span');
  item.className = 'upload';
  if (state) item.dataset.state = state;
  item.textContent = words;
  place.append(item);
  return item;
}

function say(item, words, state) {
  item.textContent = words;
  item.dataset.state = state;
}

const nameOf = file => file.name || 'file';
const named = (sentence, file) => (sentence ?? '').replace('%(name)s', nameOf(file));

function send(form, file, item) {
  return new Promise((resolve, reject) => {
    const body = new FormData();
    for (const name of ['csrfmiddlewaretoken', 'mode', 'form_id']) body.append(name, form.elements[name]?.value ?? '');
    for (const field of form.querySelectorAll('[name="file_here"], [name="file"]:checked')) body.append(field.name, field.value);
    body.append('file', file, nameOf(file));
    const request = new XMLHttpRequest();
    request.open('POST', form.dataset.filesUrl);
    request.responseType = 'json';
    request.upload.addEventListener('progress', event => {
      if (event.lengthComputable) item.textContent = `${nameOf(file)} ${Math.floor(WHOLE * event.loaded / event.total)} %`;
    });
    request.addEventListener('load', () => (request.response ? resolve(request.response) : reject(new Error(request.statusText))));
    request.addEventListener('error', () => reject(new Error('network')));
    request.send(body);
  });
}

async function upload(form, file, isPicture) {
  const item = line(form, `${nameOf(file)} 0 %`);
  if (!inRoom(form, file, 0)) { say(item, named(form.dataset.tooLarge, file), 'broken'); return; }
  try {
    const answer = await send(form, file, item);
    if (answer.refusal) { say(item, answer.refusal, 'broken'); return; }
    item.remove();
    form.querySelector('[data-files]').insertAdjacentHTML('beforeend', answer.row);
    const area = form.querySelector('[data-light]');
    if (isPicture && answer.markdown && area) put(area, answer.markdown);
    area?.dispatchEvent(new Event('input', { bubbles: true }));
  } catch {
    say(item, named(form.dataset.uploadFailed, file), 'broken');
  }
}

/* One after the other, so that the limit counts what came before. */
async function uploadAll(form, files, isPicture) {
  form.querySelectorAll('[data-uploads] [data-state="broken"]').forEach(old => old.remove());
  for (const file of [...files].slice(0, MOST_AT_ONCE)) await upload(form, file, isPicture && file.type.startsWith('image/'));
}

document.addEventListener('paste', event => {
  const form = formOf(event.target);
  const files = event.clipboardData?.files;
  // A copied cell of a table brings a picture of itself along; its words are meant.
  if (!form || !files?.length || event.clipboardData.getData('text/plain')) return;
  event.preventDefault();
  uploadAll(form, files, true);
});
document.addEventListener('dragover', event => {
  if (formOf(event.target) && event.dataTransfer?.types.includes('Files')) {
    event.preventDefault();
    formOf(event.target).dataset.dropping = '';
  }
});
document.addEventListener('dragleave', event => { const form = formOf(event.target); if (form && !form.contains(event.relatedTarget)) delete form.dataset.dropping; });
document.addEventListener('drop', event => {
  const form = formOf(event.target);
  if (!form || !event.dataTransfer?.files.length) return;
  event.preventDefault();
  delete form.dataset.dropping;
  uploadAll(form, event.dataTransfer.files, true);
});
document.addEventListener('change', event => {
  const form = event.target.matches?.('[data-upload]') && formOf(event.target);
  if (!form) return;
  const files = [...event.target.files];
  event.target.value = '';
  uploadAll(form, files, false);
});
