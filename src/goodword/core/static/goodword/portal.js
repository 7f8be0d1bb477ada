/* The customer's page needs no script; this only keeps half-typed words in the browser. */
document.querySelectorAll('form textarea[id]').forEach(area => {
  const key = `words:${location.pathname}:${area.id}`;
  try {
    if (!area.value) area.value = sessionStorage.getItem(key) ?? '';
    area.addEventListener('input', () => sessionStorage.setItem(key, area.value));
    area.form.addEventListener('submit', () => sessionStorage.removeItem(key));
  } catch { /* without storage the page works as well */ }
});
