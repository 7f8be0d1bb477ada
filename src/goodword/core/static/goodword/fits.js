/* How well a name fits what was typed: by its beginning, by its words, by their first letters.
   Nothing weaker counts, for Enter does the first of them. */
export const folded = text => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
const split = text => text.split(/[^\p{L}\p{N}]+/u).filter(Boolean);

export function fits(name, asked, also = '') {
  const said = folded(name);
  const wanted = folded(asked).trim();
  if (!wanted) return 1;
  if (said.startsWith(wanted)) return 100 - Math.min(said.length - wanted.length, 9);
  const words = split(said);
  const parts = split(wanted);
  if (!parts.length) return 0;
  const begins = list => parts.every(part => list.some(word => word.startsWith(part)));
  if (begins(words)) return 80 - Math.min(words.length, 9);
  const first = words.map(word => word[0]).join('');
  const letters = wanted.replaceAll(' ', '');
  if (letters.length > 1 && first.startsWith(letters)) return 70;
  if (letters.length > 1 && first.includes(letters)) return 60;
  return also && begins([...words, ...split(folded(also))]) ? 30 : 0;
}

/* The best of a list, best first; what was used lately stands before its equals. */
export function best(list, asked, lately, most) {
  const rank = each => {
    const at = lately.indexOf(each.label);
    return fits(each.label, asked, each.also) + (at < 0 ? 0 : 8 - at);
  };
  return list.filter(each => fits(each.label, asked, each.also) > 0)
    .map((each, at) => ({ each, at, rank: asked.trim() ? rank(each) : 0 }))
    .sort((one, two) => two.rank - one.rank || one.at - two.at)
    .slice(0, most).map(found => found.each);
}
