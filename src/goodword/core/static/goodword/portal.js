/* The customer's page needs no script; this only keeps half-typed words in the browser. */
document.querySelectorAll('form textarea[id]').forEach(area => {
  const key = `words:${location.pathname}:${area.id}`;
  try {
    if (!area.value) area.value = sessionStorage.getItem(key) ?? '';
    area.addEventListener('input', () => sessionStorage.setItem(key, area.value));
    area.form.addEventListener('submit', () => sessionStorage.removeItem(key));
  } catch { /* without storage the page works as well */ }
});

/* Beside each time of the business's: the same instant where the reader is, if that is elsewhere. */
const { zone, yours } = document.documentElement.dataset;
const wall = (at, timeZone, style) =>
  new Intl.DateTimeFormat(document.documentElement.lang, { ...style, timeZone }).format(at);
const HOUR = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
const DAY = { weekday: 'short', day: 'numeric', month: 'short' };

function besideIt(at) {
  const hour = wall(at, undefined, HOUR);
  const isSameDay = wall(at, zone, DAY) === wall(at, undefined, DAY);
  if (isSameDay && wall(at, zone, HOUR) === hour) return '';
  return isSameDay ? hour : `${wall(at, undefined, DAY)}, ${hour}`;
}

if (zone) {
  document.querySelectorAll('main time[datetime*="T"]').forEach(time => {
    const there = besideIt(new Date(time.dateTime));
    if (!there) return;
    const small = document.createElement('small');
    small.className = 'yours';
    small.textContent = ` ${yours.replace('{time}', there)}`;
    time.after(small);
  });
}
