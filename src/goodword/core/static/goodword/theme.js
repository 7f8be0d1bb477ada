/* Runs before the first paint, so that a page chosen to be dark never flashes white. */
try {
  // Left by who just signed out, for as long as the browser takes to forget the rest.
  const look = document.cookie.match(/goodword_look=([a-z=&]+)/);
  if (look) for (const [name, value] of new URLSearchParams(look[1])) localStorage.setItem(name, value);
  const theme = localStorage.getItem('theme');
  if (theme) document.documentElement.dataset.theme = theme;
} catch { /* A browser may refuse storage; the page follows the system then. */ }
