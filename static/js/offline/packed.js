// Reading the pack: the places of this phone, searched and sorted as the server would.
import { here } from "./session.js";
import { all, get } from "./store.js";

const METRES_PER_DEGREE = 111_320;

/** As it is compared (app/premises/rules.py, plain): full width made half width, lower case, letters and digits only. */
export const plain = (text) => text.normalize("NFKC").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

/** Metres over ground, good enough within a county. */
export function metresBetween(here, place) {
  if (!here || place.latitude === null || place.longitude === null) return null;
  const north = (place.latitude - here.latitude) * METRES_PER_DEGREE;
  const east = (place.longitude - here.longitude) * METRES_PER_DEGREE * Math.cos((here.latitude * Math.PI) / 180);
  return Math.hypot(north, east);
}

/** 120 m, 1.4 km */
export const distanceWords = (metres) => (metres < 995 ? `${Math.round(metres / 10) * 10} m` : `${(metres / 1000).toFixed(1)} km`);

/** Every place this person has on this phone, by name. */
export async function places() {
  const me = (await here())?.id;
  const rows = (await all("premises")).filter((place) => place.person === me);
  return rows.sort((one, other) => one.name.localeCompare(other.name, "zh"));
}

/** Places in which each word of `query` is found: in the name first, then initials, phone, address. */
export function search(rows, query) {
  const words = query.split(/\s+/).map(plain).filter(Boolean);
  if (!words.length) return query.trim() ? [] : rows;
  const found = rows.filter((place) => words.every((word) => place.search.includes(word)));
  const rank = (place) => (plain(place.name).startsWith(words[0]) ? 0 : plain(place.name).includes(words[0]) ? 1 : 2);
  return found.sort((one, other) => rank(one) - rank(other));
}

/** The nearest first; those without a position are left out. */
export function nearest(rows, here) {
  const measured = rows.map((place) => ({ place, metres: metresBetween(here, place) })).filter(({ metres }) => metres !== null);
  return measured.sort((one, other) => one.metres - other.metres);
}

/** Those in business that were never visited, then those visited longest ago. */
export const waitingLongest = (rows) =>
  rows.filter((place) => place.status === "open").sort((one, other) => (one.last_visit_ms ?? 0) - (other.last_visit_ms ?? 0));

/** When what the pack says was true, in ms; null without a pack. */
export async function asOf() {
  const meta = await get("pack", "meta");
  return meta ? meta.made_at_ms : null;
}
