// A photo goes in pieces and goes on where it stopped. It counts as received when the server names the very hash
// that the phone counted, not before.
import { Trouble, call } from "./net.js";
import { tell } from "./signals.js";
import { ask, change, get } from "./store.js";

const WHOLE = 2 ** 20; // bytes sent at once
const PIECE = 512 * 1024;
const LEAST_PIECE = 32 * 1024;
const PATIENCE = 120_000; // ms for one piece
let piece = PIECE;

function alter(id, facts) {
  return change(["photos"], "readwrite", async (tx) => {
    const row = await ask(tx.objectStore("photos").get(id));
    if (row) tx.objectStore("photos").put({ ...row, ...facts(row) });
  });
}

/** Where the server is with this photo; null when it does not know it yet. */
async function asked(row, session) {
  const { status, data } = await call(session.photos + row.id, { headers: session.headers, also: [404] });
  if (status === 404) return null;
  if (typeof data.received !== "boolean") throw new Trouble("half");
  return data;
}

function headers(row, offset, session) {
  return {
    "Content-Type": "application/octet-stream", "X-CSRFToken": session.csrf ?? "", ...session.headers,
    "X-Offset": offset, "X-Length": row.size, "X-SHA256": row.sha256,
  };
}

/** Send the piece from `offset`; the server's word on what it has now. */
async function push(row, blob, offset, session) {
  const whole = offset === 0 && row.size <= WHOLE && piece === PIECE;
  const body = whole ? blob : blob.slice(offset, offset + piece);
  try {
    const { status, data } = await call(session.photos + row.id, { method: "PUT", body, headers: headers(row, offset, session), patience: PATIENCE, also: [404, 409] });
    if (status === 404) throw new Trouble("waits", { data });
    if (typeof data.received !== "boolean" && !Number.isFinite(data.offset)) throw new Trouble("half");
    if (status !== 409) piece = Math.min(PIECE, piece * 2);
    return data;
  } catch (error) {
    const smaller = ["large", "offline", "half"].includes(error.kind) && piece > LEAST_PIECE;
    if (smaller) piece = Math.max(LEAST_PIECE, piece / 2);
    if (smaller && error.kind === "large") return { received: false, offset };
    throw error;
  }
}

async function received(row, data) {
  if (data.sha256 !== row.sha256) {
    await alter(row.id, () => ({ offset: 0 }));
    throw new Trouble("damaged");
  }
  await alter(row.id, () => ({ state: "received", offset: row.size, confirmed_at: Date.now(), last_error: null }));
  tell("photos", { visit: row.inspection_id, id: row.id, received: true });
}

/** Send one photo to its end. Throws Trouble; kind "waits": its announcement has not arrived; "gone": the bytes are lost. */
export async function sendPhoto(row, session) {
  const blob = (await get("blobs", row.id))?.blob;
  if (!blob) throw new Trouble("gone");
  let state = row.tries || row.offset ? await asked(row, session) : { received: false, offset: 0 };
  if (state === null) throw new Trouble("waits");
  for (let still = 0; !state.received;) {
    const next = await push(row, blob, state.offset, session);
    still = next.offset === state.offset && !next.received ? still + 1 : 0;
    if (still > 5) throw new Trouble("refused", { text: next.error });
    if (!next.received) {
      await alter(row.id, () => ({ offset: next.offset }));
      tell("photos", { visit: row.inspection_id, id: row.id, offset: next.offset });
    }
    state = next;
  }
  await received(row, state);
}

/** Write down a try that failed. What the server looked at and refused, and what is no longer here, is not tried again. */
export function failedPhoto(row, trouble) {
  const final = trouble.kind === "gone" || (trouble.kind === "refused" && [410, 415, 422].includes(trouble.status));
  return alter(row.id, (now) => ({
    tries: now.tries + 1, last_error: { kind: trouble.kind, text: trouble.text, at: Date.now() }, ...(final && { state: "refused" }),
  }));
}
