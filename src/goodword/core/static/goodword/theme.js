/* Runs before the first paint, so that a page chosen to be dark never flashes white. */
try {
  const theme = localStorage.getItem('theme');
  if (theme) document.documentElement.dataset.theme = theme;
} catch { /* A browser may refuse storage; the page follows the system then. */ }
