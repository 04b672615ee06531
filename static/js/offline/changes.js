// What the person did, one row per edit of a field, in the order of this phone. How versions of a field
// follow each other stands in fold(): heads = all versions minus those named in any version's `after`.
import { newId } from "../ids.js";
import { here } from "./session.js";
import { tell } from "./signals.js";
import { keepForGood } from "./space.js";
import { all, ask, change, nextSeq } from "./store.js";

/** Stores that `recordIn` needs in its transaction. */
export const CHANGE_STORES = ["changes", "settings", "visits"];
const FIELDS = { answer: "result", note: "note", outcome: "outcome", readings: "readings" };

/** Which field of an item a change is a version of; null for what is no version (start, photo, finish …). */
export const fieldOf = ({ kind, fields }) => FIELDS[kind] ?? (kind === "choose" ? fields.field : null);

/** Nobody is known to be signed in on this phone: there is no one to record for. */
export class NoPerson extends Error {
  name = "NoPerson";
}

const sameField = (one, other) => one.item_id === other.item_id && fieldOf(one) === fieldOf(other);

/** The versions of one field that nothing follows yet: those of the server's last word, then this phone's. */
export function headsOf(base, changes, item_id, field) {
  const own = changes.filter((one) => !one.settled && one.item_id === item_id && fieldOf(one) === field);
  const past = new Set(own.flatMap((one) => one.after));
  const ids = [...(base?.[item_id]?.heads?.[field] ?? []), ...own.map((one) => one.id)];
  return [...new Set(ids)].filter((id) => !past.has(id)).sort();
}

/** The values a change sets on its item. */
function values(one) {
  const { kind, fields } = one;
  if (kind === "choose") {
    const value = fields.value;
    if (fields.field === "readings") return { readings: value };
    return value !== null && typeof value === "object" ? value : { [fields.field]: value };
  }
  return kind === "readings" ? { readings: fields } : fields;
}

const later = (one, other) => one.device_at - other.device_at || (one.id < other.id ? -1 : 1);

/**
 * {item_id: {...values, heads: {field: [ids]}, mine: {field: change}, conflict: [fields]}}.
 * `base` is what the server said last (or null), `changes` what this phone recorded; the order does not matter.
 */
export function fold(base, changes) {
  const items = {};
  for (const [id, item] of Object.entries(base ?? {})) {
    items[id] = { ...item, heads: { ...item.heads }, mine: {}, conflict: [] };
    for (const [field, ids] of Object.entries(item.heads ?? {})) if (ids.length > 1) items[id].conflict.push(field);
  }
  const versions = changes.filter((one) => one.item_id && fieldOf(one) && !one.settled);
  for (const one of [...versions].sort(later)) {
    const item = (items[one.item_id] ??= { heads: {}, mine: {}, conflict: [] });
    const field = fieldOf(one);
    const heads = headsOf(base, versions, one.item_id, field);
    item.heads[field] = heads;
    item.conflict = item.conflict.filter((name) => name !== field).concat(heads.length > 1 ? field : []);
    if (!heads.includes(one.id)) continue;
    Object.assign(item, values(one));
    item.mine[field] = one;
  }
  return items;
}

/**
 * What follows an unsent edit of the same field takes its place, and follows whatever that followed. The older one is
 * named only if a request may have carried it to the server: half an hour of typing must not name hundreds of versions.
 */
export function coalesce(older, newer) {
  const after = new Set([...older.after, ...newer.after, older.id]);
  if (!older.tried) after.delete(older.id);
  return { ...newer, after: [...after] };
}

/** Record inside a transaction of the caller over CHANGE_STORES; then `tell("record")` is the caller's, too. */
export async function recordIn(tx, { kind, inspection_id = null, item_id = null, fields = {}, after }) {
  const [store, settings] = [tx.objectStore("changes"), tx.objectStore("settings")];
  const person = (await ask(settings.get("person")))?.value?.id;
  if (!person) throw new NoPerson();
  let row = {
    id: newId(), seq: await nextSeq(tx), person, kind, inspection_id, item_id, fields, after: after ?? [],
    device_at: Date.now(), offset_ms: (await ask(settings.get("clock_offset_ms")))?.value ?? null,
    state: "waiting", tried: false, tries: 0, last_error: null, sent_at: null,
  };
  const field = fieldOf(row);
  if (field && inspection_id) {
    const others = await ask(store.index("visit").getAll(inspection_id));
    const base = (await ask(tx.objectStore("visits").get(inspection_id)))?.base;
    row.after = after ?? headsOf(base, others, item_id, field);
    for (const older of others.filter((one) => one.state === "waiting" && one.kind === kind && sameField(one, row))) {
      if (kind === "choose") continue;
      row = coalesce(older, row);
      store.delete(older.id);
    }
  }
  store.put(row);
  return row;
}

/** Record several changes at once: all or none. Gives their rows once they are on the disk; wakes the outbox. */
export async function recordAll(changes) {
  await here();
  const rows = await change(CHANGE_STORES, "readwrite", async (tx) => {
    const made = [];
    for (const one of changes) made.push(await recordIn(tx, one));
    return made;
  });
  tell("record", { visits: [...new Set(rows.map((row) => row.inspection_id))] });
  keepForGood();
  return rows;
}

/** Record one change {kind, inspection_id, item_id, fields, after?}; without `after` it follows all present heads. */
export const record = async (one) => (await recordAll([one]))[0];

/** Everything this person recorded on this phone for one visit, in order. */
export async function changesOf(visit) {
  const person = await here();
  const rows = await all("changes", { index: "visit", range: visit });
  return rows.filter((row) => row.person === person?.id).sort((one, other) => one.seq - other.seq);
}

/** The server's present word on a visit (GET /sync/visits, asked at `asked` ms): what it had received by then is in it. */
export function rebase(visit, answers, asked) {
  return change(["changes", "visits"], "readwrite", async (tx) => {
    const [changes, visits] = [tx.objectStore("changes"), tx.objectStore("visits")];
    const known = await ask(visits.get(visit));
    if (known) visits.put({ ...known, base: answers });
    for (const one of await ask(changes.index("visit").getAll(visit))) {
      if (one.state === "sent" && one.sent_at < asked) changes.put({ ...one, settled: true });
    }
  });
}
