// The patrol pack: what a phone takes along. It is fetched in small parts, each kept as soon as it is here, so that an
// interruption costs one part. The pack in use stays whole until the next one is.
import { call } from "./net.js";
import { dropNumbers, fillNumbers, freeNumbers } from "./numbers.js";
import { here } from "./session.js";
import { tell } from "./signals.js";
import { all, ask, change, get, put } from "./store.js";
import { askWorker, cameOffline } from "./worker.js";

const CHECK = 30 * 60_000; // ms between two questions whether something changed
const MOST_VISITS = 20; // as many running visits as the server tells of
const sizeOf = (value) => new Blob([JSON.stringify(value)]).size;
const sheetKey = ({ version_id }) => `sheet:${version_id}`;

/** The address parameters of a choice; none at all lets the server choose what is sensible. */
export function queryOf(choice) {
  if (!choice) return "";
  const { own, overdue, area, near, named = [] } = choice;
  const values = { own: own ? "1" : "0", overdue: overdue ? "1" : "0", area: area || "", named: named.join(",") };
  if (near) Object.assign(values, { latitude: near[0], longitude: near[1] });
  return `?${new URLSearchParams(values)}`;
}

/** What a choice brings, without keeping anything. Raises Trouble. */
export const plan = async (choice) => (await call(`/patrol/pack.json${queryOf(choice)}`)).data;

/** Do `work` unless another tab prepares already; then null. */
async function alone(work) {
  if (!navigator.locks) return work();
  return navigator.locks.request("xuncha-pack", { ifAvailable: true }, (lock) => (lock ? work() : null));
}

/** Fetch everything a choice brings and put it in place of the pack before. `show({step, done, total})` tells how far it is. */
export function prepare(choice, show = () => {}) {
  return alone(async () => {
    show({ step: "starting" });
    const next = await plan(choice);
    await claim(next.person.id);
    await put("pack", { key: "next", ...next });
    return fetchAll(next, show);
  });
}

/** Go on where an interruption left it; null when nothing is to be done. */
export function carryOn(show = () => {}) {
  return alone(async () => {
    const next = await get("pack", "next");
    return next ? fetchAll(next, show) : null;
  });
}

async function fetchAll(next, show) {
  await fetchSheets(next);
  await fetchPlaces(next, show);
  show({ step: "finishing" });
  await takeVisits(next);
  const shells = await askWorker({ ask: "shells", again: true });
  if (!shells?.ok) throw new Error(`the pages are not on this phone: ${shells?.error ?? "no worker"}`);
  await askWorker({ ask: "drop", paths: next.ids.map((id) => `/premises/${id}`) });
  await fillNumbers(next).catch((error) => console.warn("numbers", error)); // the rest is of use without them
  await finish(next, shells.bytes);
  tell("pack");
  return status();
}

async function fetchSheets(next) {
  for (const one of next.checklists) {
    const known = await get("pack", sheetKey(one));
    if (known?.language === next.language && known.version === next.version) continue;
    const { sheet } = (await call(`/patrol/sheets/${one.domain}/${one.number}.json`)).data;
    await put("pack", { key: sheetKey(one), ...sheet, language: next.language, version: next.version, bytes: sizeOf(sheet) });
  }
}

async function fetchPlaces(next, show) {
  const known = new Map((await all("premises")).map((place) => [place.id, place.made_at_ms]));
  const left = next.ids.filter((id) => !(known.get(id) >= next.made_at_ms));
  const total = next.ids.length;
  show({ step: "places", done: total - left.length, total });
  for (let start = 0; start < left.length; start += next.batch) {
    const { premises } = (await call(`/patrol/premises.json?ids=${left.slice(start, start + next.batch)}`)).data;
    await change(["premises"], "readwrite", (tx) => {
      for (const place of premises) tx.objectStore("premises").put({ ...place, person: next.person.id, made_at_ms: next.made_at_ms, bytes: sizeOf(place) });
    });
    show({ step: "places", done: total - left.length + Math.min(left.length, start + next.batch), total });
  }
}

/** Visits begun elsewhere can be continued here; those that ended elsewhere go. What was recorded here is never touched. */
async function takeVisits({ visits, person }) {
  await change(["visits", "changes", "photos"], "readwrite", async (tx) => {
    const store = tx.objectStore("visits");
    const rows = [...await ask(tx.objectStore("changes").getAll()), ...await ask(tx.objectStore("photos").getAll())];
    const own = new Set(rows.map((row) => row.inspection_id));
    const running = new Set(visits.map((visit) => visit.id));
    for (const visit of visits) {
      const known = await ask(store.get(visit.id));
      if (!own.has(visit.id)) store.put({ ...known, ...visit, person: person.id, status: "open", made_here: false });
      else if (known && !known.person) store.put({ ...known, person: person.id });
    }
    if (visits.length >= MOST_VISITS) return; // there may be more than were said
    for (const { id, made_here } of await ask(store.getAll())) if (!made_here && !own.has(id) && !running.has(id)) store.delete(id);
  });
}

/** The new pack takes the place of the old: in one step, with what is no longer chosen gone. */
function finish(next, bytes) {
  return change(["pack", "premises", "visits", "changes"], "readwrite", async (tx) => {
    const [pack, premises] = [tx.objectStore("pack"), tx.objectStore("premises")];
    const unsent = await ask(tx.objectStore("changes").index("state").getAll("waiting")); // new places among them
    const visits = (await ask(tx.objectStore("visits").getAll())).filter((visit) => visit.status === "open");
    const places = new Set([...next.ids, ...visits.map((visit) => visit.premises_id), ...unsent.map((one) => one.fields.premises_id)]);
    for (const id of await ask(premises.getAllKeys())) if (!places.has(id)) premises.delete(id);
    const sheets = new Set([...next.checklists, ...visits.flatMap((visit) => visit.sheets ?? [])].map(sheetKey));
    for (const key of await ask(pack.getAllKeys())) if (key.startsWith("sheet:") && !sheets.has(key)) pack.delete(key);
    pack.put({ ...next, key: "meta", shell_bytes: bytes, finished_ms: Date.now() });
    pack.put({ key: "seen", at: Date.now(), checklists: next.checklists.map((one) => one.version_id) });
    pack.delete("next");
  });
}

/** How the pack stands: {meta, next, have, missing, sheets_missing, numbers, bytes, changed, stale}. */
export async function status() {
  const [meta, next, seen] = await Promise.all(["meta", "next", "seen"].map((key) => get("pack", key)));
  const places = await all("premises");
  const known = new Set(places.map((place) => place.id));
  const sheets = await Promise.all((meta?.checklists ?? []).map((one) => get("pack", sheetKey(one))));
  const mine = new Set((meta?.checklists ?? []).map((one) => one.version_id));
  const have = (meta?.ids ?? []).filter((id) => known.has(id)).length;
  return {
    meta, next, have, missing: (meta?.ids.length ?? 0) - have,
    sheets_missing: sheets.filter((sheet) => !sheet).length,
    numbers: await freeNumbers(meta?.notice_kinds ?? []),
    bytes: [...places, ...sheets].reduce((sum, row) => sum + (row?.bytes ?? 0), 0) + (meta?.shell_bytes ?? 0),
    changed: Boolean(meta && seen?.checklists.some((id) => !mine.has(id))),
    stale: Boolean(meta && Date.now() - meta.finished_ms > meta.stale_ms),
  };
}

/** At every page with a connection: go on after an interruption, refresh what is old, top up the numbers. */
export async function keepFresh() {
  if (!navigator.onLine || cameOffline() || navigator.connection?.saveData) return;
  const [meta, next, seen, person] = await Promise.all([get("pack", "meta"), get("pack", "next"), get("pack", "seen"), here()]);
  if (!person || !(meta ?? next)) return;
  if ((meta ?? next).person.id !== person.id) { await claim(person.id); return; }
  if (next) { await carryOn(); return; }
  if (Date.now() - (seen?.at ?? 0) < CHECK) return;
  const now = await plan(meta.choice);
  await put("pack", { key: "seen", at: Date.now(), checklists: now.checklists.map((one) => one.version_id) });
  const { changed, stale, missing } = await status();
  if (changed || stale || missing || now.version !== meta.version || now.language !== meta.language) await prepare(meta.choice);
  else await fillNumbers(now);
}

/** The pack is `person`'s from now on: another's leaves the phone. What was recorded in visits stays. */
async function claim(person) {
  const owner = (await get("pack", "meta") ?? await get("pack", "next"))?.person.id;
  if (owner && owner !== person) await forgetPack();
}

/** Nothing of the register stays on the phone. What a person recorded is the outbox's business. */
export async function forgetPack() {
  await change(["pack", "premises"], "readwrite", async (tx) => {
    const pack = tx.objectStore("pack");
    for (const key of await ask(pack.getAllKeys())) if (!key.startsWith("sheet:")) pack.delete(key); // checklists are nobody's secret
    tx.objectStore("premises").clear();
  });
  await dropNumbers();
}

