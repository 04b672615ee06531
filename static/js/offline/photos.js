// A photo is on the disk before anything else is done with it. Then, one photo after the other: its hash,
// its small picture, its announcement to the server. A kill in between is made up for at the next page.
import { newId } from "../ids.js";
import { sha256 } from "../sha256.js";
import { shrink } from "../shrink.js";
import { CHANGE_STORES, NoPerson, recordIn } from "./changes.js";
import { here } from "./session.js";
import { tell } from "./signals.js";
import { keepForGood, watchSpace } from "./space.js";
import { StorageFull, all, ask, change, get, nextSeq, put } from "./store.js";
import { tidy } from "./tidy.js";

const THUMB = 320; // pixels of the longer side

let last = Promise.resolve();
/** One after the other: two decoded photos of 12 megapixels are too much for a cheap phone. */
function inTurn(work) {
  const mine = last.then(work);
  last = mine.catch(() => {});
  return mine;
}

function store(row, blob) {
  return change(["photos", "blobs", "settings"], "readwrite", async (tx) => {
    const settings = tx.objectStore("settings");
    const person = (await ask(settings.get("person")))?.value?.id;
    if (!person) throw new NoPerson();
    const offset_ms = (await ask(settings.get("clock_offset_ms")))?.value ?? null;
    const full = { ...row, person, offset_ms, seq: await nextSeq(tx) };
    tx.objectStore("blobs").put({ id: row.id, blob });
    tx.objectStore("photos").put(full);
    return full;
  });
}

/** A second try: with the room of photos that the server has, or with bytes read here, as some browsers need. */
async function again(error, row, file) {
  if (error instanceof NoPerson) throw error;
  if (error instanceof StorageFull) {
    await tidy(0);
    return store(row, file);
  }
  return store(row, new Blob([await file.arrayBuffer()], { type: file.type }));
}

/**
 * Keep `file` for a visit. Gives its row once the bytes are on the disk; hash, picture and announcement follow by themselves.
 * `state` "draft": kept, and sent once its report is. `position` {latitude, longitude, accuracy} or null; `edge` > 0 makes it smaller first, where the county wishes.
 */
export async function keepPhoto({ visit, item = null, purpose = "finding", source = "gallery", file, position = null, edge = 0, state = "waiting" }) {
  const taken = source === "camera" ? Date.now() : file.lastModified || Date.now();
  const row = {
    id: newId(), inspection_id: visit, item_id: item, purpose, name: file.name ?? "", type: file.type, size: file.size,
    sha256: null, captured_at: new Date(taken).toISOString(), source, latitude: position?.latitude ?? null,
    longitude: position?.longitude ?? null, accuracy_m: position?.accuracy ?? null, edge,
    state, offset: 0, tries: 0, last_error: null, confirmed_at: null,
  };
  await here();
  const kept = await store(row, file).catch((error) => again(error, row, file));
  tell("photos", { visit, id: kept.id });
  keepForGood();
  watchSpace().catch((error) => console.warn("space", error));
  if (state === "waiting") announce(kept.id).catch((error) => console.warn("photo", kept.id, error));
  return kept;
}

function announcement({ id: photo_id, ...row }) {
  const { sha256: hash, size, name, type, purpose, captured_at, source, latitude, longitude, accuracy_m } = row;
  const fields = { photo_id, sha256: hash, size, name, type, purpose, captured_at, source, latitude, longitude, accuracy_m };
  return { kind: "photo_announced", inspection_id: row.inspection_id, item_id: row.item_id, fields };
}

async function prepare(id) {
  const row = await get("photos", id);
  const stored = (await get("blobs", id))?.blob;
  if (!row || row.sha256 || !stored) return;
  const blob = await shrink(stored, row.edge);
  const name = blob === stored ? row.name : `${row.name.replace(/\.\w+$/, "")}.jpg`;
  const hash = await sha256(blob);
  if (!hash) throw new Error("the stored photo cannot be read");
  const ready = { ...row, name, type: blob.type, size: blob.size, sha256: hash };
  await change(["photos", "blobs", ...CHANGE_STORES], "readwrite", async (tx) => {
    if ((await ask(tx.objectStore("photos").get(id)))?.sha256 !== null) return; // another page was quicker
    if (blob !== stored) tx.objectStore("blobs").put({ id, blob });
    tx.objectStore("photos").put(ready);
    await recordIn(tx, announcement(ready));
  });
  tell("record", { visits: [row.inspection_id] });
  await put("thumbs", { id, blob: await thumb(blob) });
  tell("photos", { visit: row.inspection_id, id });
}

const announce = (id) => inTurn(() => prepare(id));

/** At every page load: what a kill left unannounced. */
export async function announceRest() {
  for (const row of await all("photos", { index: "state", range: "waiting" })) if (!row.sha256) await announce(row.id);
}

/** A JPEG of at most THUMB pixels; null when this phone cannot decode the photo. */
async function thumb(blob) {
  try {
    const image = await createImageBitmap(blob, { resizeWidth: THUMB, resizeQuality: "medium" });
    const scale = Math.min(1, THUMB / image.height);
    const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(image.width * scale), height: Math.round(image.height * scale) });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    image.close();
    return await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.8); });
  } catch {
    return null;
  }
}

const urls = new Map(); // photo id -> address of its small picture, for the life of the page
async function thumbUrl(id) {
  if (!urls.has(id)) {
    const blob = (await get("thumbs", id))?.blob;
    if (!blob) return null;
    urls.set(id, URL.createObjectURL(blob));
  }
  return urls.get(id);
}

/** This person's photos of a visit in the order they were taken, each with `thumb`, an address or null. */
export async function photosOf(visit) {
  const person = await here();
  const rows = (await all("photos", { index: "visit", range: visit })).filter((row) => row.person === person?.id);
  rows.sort((one, other) => one.seq - other.seq);
  return Promise.all(rows.map(async (row) => ({ ...row, thumb: await thumbUrl(row.id) })));
}
