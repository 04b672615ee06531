// The phone's own storage. A write is done when its transaction is complete and on the disk, never before.
import { newId } from "../ids.js";
import { tell } from "./signals.js";

const NAME = "xuncha";
const VERSION = 1;
const PATIENCE = 5000; // ms until a storage that never answers counts as absent
const STORES = { // name: [key, indexes {name: path}]
  settings: ["key", {}],
  changes: ["id", { visit: "inspection_id", seq: "seq", state: "state" }],
  photos: ["id", { visit: "inspection_id", state: "state" }],
  blobs: ["id", {}],
  thumbs: ["id", {}],
  visits: ["id", {}],
  notices: ["id", {}],
  premises: ["id", {}],
  pack: ["key", {}],
  numbers: ["number", {}],
  sealed: ["id", {}],
};

/** The phone has no room: nothing of this write was kept. */
export class StorageFull extends Error {
  name = "StorageFull";
}

/** A newer version of Xuncha has changed the storage: this page must be loaded again. */
export class Outdated extends Error {
  name = "Outdated";
}

let opening = null;
const forget = () => { opening = null; };

function upgrade(db) {
  for (const [name, [keyPath, indexes]] of Object.entries(STORES)) {
    if (db.objectStoreNames.contains(name)) continue;
    const store = db.createObjectStore(name, { keyPath });
    for (const [index, path] of Object.entries(indexes)) store.createIndex(index, path);
  }
}

function connect() {
  return new Promise((done, fail) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => upgrade(request.result);
    request.onblocked = () => tell("blocked");
    request.onerror = () => fail(request.error.name === "VersionError" ? new Outdated() : request.error);
    request.onsuccess = () => {
      const db = request.result;
      db.onclose = forget; // the browser took it away: memory pressure, data cleared
      db.onversionchange = () => { db.close(); forget(); tell("outdated"); };
      done(db);
    };
  });
}

function open() {
  if (!opening) {
    opening = connect();
    opening.catch(forget);
  }
  return opening;
}

/** The result of one request of a transaction. */
export function ask(request) {
  return new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
}

function attempt(db, stores, mode, work) {
  return new Promise((done, fail) => {
    const tx = db.transaction(stores, mode, { durability: mode === "readwrite" ? "strict" : "default" });
    let own = null; // what `work` itself threw
    const running = (async () => work(tx))();
    running.catch((error) => {
      own ??= error;
      try { tx.abort(); } catch { /* is over already */ }
    });
    tx.oncomplete = () => done(running);
    tx.onabort = () => fail(tx.error ?? own ?? new DOMException("the transaction was aborted", "AbortError"));
  });
}

const LOST = new Set(["InvalidStateError", "AbortError", "UnknownError"]);

/**
 * Run `work(tx)` in one transaction over `stores` ("readonly" | "readwrite"); gives what it returns once complete.
 * `work` may await `ask(…)` and nothing else, and may run twice: a lost connection is opened again once.
 */
export async function change(stores, mode, work) {
  for (let again = false; ; again = true) {
    try {
      return await attempt(await open(), stores, mode, work);
    } catch (error) {
      if (error?.name === "QuotaExceededError") { tell("space"); throw new StorageFull(); }
      if (again || !LOST.has(error?.name)) throw error;
      forget();
    }
  }
}

export const put = (store, record) =>
  change([store], "readwrite", (tx) => { tx.objectStore(store).put(record); return record; });

export const remove = (store, key) => change([store], "readwrite", (tx) => { tx.objectStore(store).delete(key); });

export const get = (store, key) => change([store], "readonly", (tx) => ask(tx.objectStore(store).get(key)));

/** All records; with `index` and `range` (a key or an IDBKeyRange) those of the index, in its order. */
export function all(store, { index, range } = {}) {
  return change([store], "readonly", (tx) => {
    const source = tx.objectStore(store);
    return ask((index ? source.index(index) : source).getAll(range));
  });
}

export async function setting(key) {
  return (await get("settings", key))?.value;
}

export const setSetting = (key, value) => put("settings", { key, value });

/** The next number of this phone's order of recording; `tx` covers "settings". */
export async function nextSeq(tx) {
  const settings = tx.objectStore("settings");
  const value = ((await ask(settings.get("seq")))?.value ?? 0) + 1;
  settings.put({ key: "seq", value });
  return value;
}

/** This phone's own id, made once. */
export function device() {
  return change(["settings"], "readwrite", async (tx) => {
    const settings = tx.objectStore("settings");
    const known = (await ask(settings.get("device")))?.value;
    if (known) return known;
    const value = newId();
    settings.put({ key: "device", value });
    return value;
  });
}

/** Can this browser keep records and photos at all? Some private windows cannot. */
async function probe() {
  if (!globalThis.indexedDB) return false;
  try {
    if (await setting("probed")) return true;
    await setSetting("probed", new Blob(["x"]));
    return (await setting("probed")) instanceof Blob;
  } catch (error) {
    return error?.name === "StorageFull"; // full is not absent: what is here must still be sent
  }
}

let probing = null;
/** True when work can be kept here. Else the pages work as without offline, and say so. */
export function available() {
  const late = new Promise((done) => { setTimeout(() => done(false), PATIENCE); });
  probing ??= Promise.race([probe(), late]);
  return probing;
}
