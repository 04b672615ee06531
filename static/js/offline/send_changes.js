// Changes go in the order they were made, in batches that a poor line carries.
import { Trouble, call } from "./net.js";
import { ask, change } from "./store.js";

const MOST = { count: 200, bytes: 512 * 1024 };
const limit = { ...MOST };
const WIRE = ["id", "kind", "inspection_id", "item_id", "fields", "after", "device_at", "offset_ms", "seq"];
const FATES = { received: "sent", duplicate: "sent", late: "sent", conflict: "conflict", refused: "refused", held: "held", waiting: "waiting" };

/** What of a row goes over the wire. */
export const wire = (row) => Object.fromEntries(WIRE.map((name) => [name, row[name]]));

/** The first rows that fit: at least one. */
export function batch(rows, { count, bytes } = limit) {
  const taken = [];
  let size = 0;
  for (const row of rows) {
    size += JSON.stringify(wire(row)).length * 2; // Chinese is up to three bytes where JavaScript counts one
    if (taken.length && (taken.length >= count || size > bytes)) break;
    taken.push(row);
  }
  return taken;
}

/** Write down what happened to rows; one that was replaced by a later edit meanwhile is left alone. */
function note(rows, alter) {
  return change(["changes", "notices", "numbers", "photos"], "readwrite", async (tx) => {
    const store = tx.objectStore("changes");
    for (const { id } of rows) {
      const row = await ask(store.get(id));
      if (row) store.put(await alter(row, tx));
    }
  });
}

export const failed = (rows, trouble) => note(rows, (row) => ({
  ...row, tries: row.tries + 1, last_error: { kind: trouble.kind, text: trouble.text, at: Date.now() },
}));

/** The number of a notice that arrived is used up. */
async function noticeArrived({ notice_id }, state, tx) {
  const notices = tx.objectStore("notices");
  const notice = notice_id && await ask(notices.get(notice_id));
  if (!notice) return;
  notices.put({ ...notice, state });
  const number = await ask(tx.objectStore("numbers").get(notice.number));
  if (number && state === "sent") tx.objectStore("numbers").put({ ...number, state });
}

/** What the server does not want to hear of is not sent to it. */
async function refusePhoto(id, last_error, tx) {
  const photo = await ask(tx.objectStore("photos").get(id));
  if (photo?.state === "waiting") tx.objectStore("photos").put({ ...photo, state: "refused", last_error });
}

async function settle(row, result, tx) {
  const state = FATES[result.status] ?? "waiting";
  const text = [result.message, result.hint].filter(Boolean).join(" ");
  const error = text ? { kind: result.status, text, at: Date.now() } : null;
  const gone = state !== "waiting" && state !== "refused";
  if (row.kind === "notice_issue" && state !== "waiting") await noticeArrived(row.fields, state, tx);
  if (row.kind === "photo_announced" && state === "refused") await refusePhoto(row.fields.photo_id, error, tx);
  return { ...row, state, tries: row.tries + 1, last_error: gone && !text ? null : error, sent_at: gone ? Date.now() : null, fate: result.status };
}

/** From here on nobody knows whether the server has them. Gives those that no later edit has replaced. */
function onTheirWay(rows) {
  return change(["changes"], "readwrite", async (tx) => {
    const store = tx.objectStore("changes");
    const present = (await Promise.all(rows.map((row) => ask(store.get(row.id))))).filter(Boolean);
    for (const row of present) if (!row.tried) store.put({ ...row, tried: true });
    return present;
  });
}

/** Send one batch; gives the ids the server wants later. */
async function send(batched, { device, csrf, url, headers }) {
  const rows = await onTheirWay(batched);
  if (!rows.length) return [];
  const body = JSON.stringify({ device, sent_at_ms: Date.now(), changes: rows.map(wire) });
  const { data } = await call(url, {
    method: "POST", body, patience: 120_000, headers: { "Content-Type": "application/json", "X-CSRFToken": csrf ?? "", ...headers },
  });
  if (!Array.isArray(data.results)) throw new Trouble("half");
  const results = new Map(data.results.map((result) => [result.id, result]));
  await note(rows.filter((row) => results.has(row.id)), (row, tx) => settle(row, results.get(row.id), tx));
  if (!rows.some((row) => results.has(row.id))) throw new Trouble("half");
  return rows.filter((row) => (results.get(row.id)?.status ?? "waiting") === "waiting").map((row) => row.id);
}

/** Whether one change of the batch may be the cause, so that the others go without it. */
const divides = ({ kind, status }, part) =>
  kind === "large" || kind === "refused" || (status === 500 && part.some((row) => row.tries >= 3));

function shrink(count) {
  limit.count = Math.ceil(count / 2);
  limit.bytes = Math.max(4096, limit.bytes / 2);
}

function grow() {
  limit.count = Math.min(MOST.count, limit.count * 2);
  limit.bytes = Math.min(MOST.bytes, limit.bytes * 2);
}

/**
 * Send `rows` (in order). `session` {device, csrf, url, headers}. Gives {sent, later: [ids]}: what waits for something else.
 * A single change that the server cannot take is noted and passed over, so that it blocks nothing; other trouble is thrown.
 */
export async function sendChanges(rows, session) {
  const later = [];
  let [sent, inRow] = [0, 0];
  for (let rest = rows; rest.length;) {
    const part = batch(rest);
    try {
      const waiting = await send(part, session);
      later.push(...waiting);
      sent += part.length - waiting.length;
      rest = rest.slice(part.length);
      inRow = 0;
      grow();
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      const divided = divides(error, part);
      if (divided && part.length > 1) { shrink(part.length); continue; }
      await failed(part, error);
      if (!divided || ++inRow > 3) throw error;
      later.push(part[0].id);
      rest = rest.slice(1);
    }
  }
  return { sent, later };
}
