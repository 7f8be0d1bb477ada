/* What the palette shows for what was typed, in groups: the page, the rooms, then what was found. */
import { best } from './fits.js';
import { lately } from './lately.js';

const ICONS = { cases: 'inbox', customers: 'user-round', accounts: 'building-2', members: 'users-round' };

/* What was used lately and is there now: an act only where the page has it. */
function again(here, places) {
  return lately().map(each => here.find(act => act.label === each.label)
    ?? places.find(room => room.url === each.url) ?? (each.url ? { ...each, icon: 'history' } : null)).filter(Boolean);
}

export function offers(asked, here, rooms, found, words) {
  const places = rooms.map(room => ({ ...room, detail: room.group, also: `${room.group} ${room.also}` }));
  const used = lately().map(each => each.label);
  const recent = asked ? [] : again(here, places).slice(0, 5);
  const open = act => !recent.includes(act);
  const whole = `${words.search}?q=${encodeURIComponent(asked)}`;
  return [
    { label: words.wordRecent, entries: recent },
    { label: words.wordHere, entries: best(here.filter(open), asked, used, asked ? 7 : 40) },
    { label: words.wordRooms, entries: best(places.filter(open), asked, used, asked ? 7 : 40) },
    ...found.map(group => ({ ...group, entries: group.entries.map(each => ({ ...each, icon: ICONS[group.name] })) })),
    { label: '', entries: asked ? [{ label: words.wordSearch.replace('%(words)s', () => asked), url: whole, icon: 'search', isPlain: true }] : [] },
  ].filter(group => group.entries.length);
}
