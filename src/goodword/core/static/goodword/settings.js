/* Settings: what is seen before it is saved. Each page works without it. */
document.addEventListener('input', event => {
  const ruler = event.target.closest('[data-hue]');
  if (!ruler) return;
  document.querySelectorAll('[data-hue-shown]').forEach(box => box.style.setProperty('--brand-h', ruler.value));
  document.querySelectorAll('[data-hue-said]').forEach(said => { said.textContent = ruler.value; });
});
