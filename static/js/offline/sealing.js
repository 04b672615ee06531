// Shared phones: what one person recorded is locked (AES-GCM) before anybody else works on the phone. The key comes
// with the sign-in, is never readable by scripts, and leaves the phone when everything of its person is locked.
import { dropToken } from "./deposit.js";
import { here } from "./session.js";
import { tell } from "./signals.js";
import { all, ask, change, get, setting } from "./store.js";

const text = new TextEncoder();
// Photos last: they say whose the bytes are, should the phone be switched off in between.
const OWNED = ["changes", "notices", "visits", "premises", "photos"];

export const canSeal = () => Boolean(globalThis.crypto?.subtle);

const editKeys = (edit) => change(["settings"], "readwrite", async (tx) => {
  const settings = tx.objectStore("settings");
  const value = { ...(await ask(settings.get("key")))?.value };
  edit(value);
  settings.put({ key: "key", value });
});

/** Keep the key of whoever is signed in. `person` and `seal_key` (base64, 32 bytes) as the ping says. */
export async function keepKey({ person, seal_key }) {
  if (!canSeal() || !seal_key || (await setting("key"))?.[person.id]) return;
  const bytes = Uint8Array.from(atob(seal_key), (letter) => letter.charCodeAt(0));
  const key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
  await editKeys((keys) => { keys[person.id] = key; });
}

/** Whether this phone could lock what `person` recorded. */
export const hasKey = async (person) => Boolean(canSeal() && (await setting("key"))?.[person.id]);

/** A record as bytes: its facts as one line of JSON, then the bytes of its blob. */
async function packed({ blob, ...facts }) {
  const head = { ...facts, ...(blob && { type: blob.type }), ...(blob === null && { none: true }) };
  return new Blob([text.encode(`${JSON.stringify(head)}\n`), blob ?? ""]).arrayBuffer();
}

export function unpacked(buffer) {
  const bytes = new Uint8Array(buffer);
  const end = bytes.indexOf(10);
  const { type, none, ...facts } = JSON.parse(new TextDecoder().decode(bytes.subarray(0, end)));
  if (none) return { ...facts, blob: null };
  return type === undefined ? facts : { ...facts, blob: new Blob([bytes.subarray(end + 1)], { type }) };
}

/** Lock one record: the open one goes in the same transaction in which the locked one comes. */
async function sealOne(person, key, store, id) {
  const record = await get(store, id);
  if (!record) return;
  const sealed = `${person}/${store}/${id}`;
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const hidden = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: text.encode(sealed) }, key, await packed(record));
  await change([store, "sealed"], "readwrite", async (tx) => {
    if (!await ask(tx.objectStore(store).getKey(id))) return; // another page was quicker
    tx.objectStore("sealed").put({ id: sealed, person, store, iv, data: new Blob([hidden]) });
    tx.objectStore(store).delete(id);
  });
}

async function sealPerson(person, key, progress) {
  const lists = await Promise.all(OWNED.map((name) => all(name)));
  const theirs = (row, name) => row.person === person || (name === "visits" && !row.person);
  const work = OWNED.flatMap((name, n) => lists[n].filter((row) => theirs(row, name)).map(({ id }) => [name, id]));
  const photos = work.filter(([name]) => name === "photos").flatMap(([, id]) => [["blobs", id], ["thumbs", id]]);
  const order = [...work.filter(([name]) => name !== "photos"), ...photos, ...work.filter(([name]) => name === "photos")];
  for (const [n, [name, id]] of order.entries()) {
    await sealOne(person, key, name, id);
    progress?.(n + 1, order.length);
  }
  await dropToken(person);
  await editKeys((keys) => { delete keys[person]; });
}

/** Lock everything of everybody who is not working on this phone now; goes on where a kill stopped it. */
export async function seal(progress) {
  if (!canSeal()) return;
  const now = await here();
  for (const [person, key] of Object.entries((await setting("key")) ?? {})) {
    if (person !== now?.id) await sealPerson(person, key, progress);
  }
}

/** Ids of what is locked for `person`. */
const sealedFor = (person) => change(["sealed"], "readonly", (tx) => ask(tx.objectStore("sealed").getAllKeys(IDBKeyRange.bound(`${person}/`, `${person}/\uffff`))));

/** Open what is locked for `person`, who is signed in again. What cannot be opened stays locked. */
export async function openOwn(person) {
  const ids = await sealedFor(person);
  const key = ids.length && (await setting("key"))?.[person];
  if (!key) return;
  for (const id of ids) {
    const { store, iv, data } = (await get("sealed", id)) ?? {};
    if (!store) continue;
    try {
      const open = await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: text.encode(id) }, key, await data.arrayBuffer());
      await change([store, "sealed"], "readwrite", (tx) => {
        tx.objectStore(store).put(unpacked(open));
        tx.objectStore("sealed").delete(id);
      });
    } catch (error) {
      if (error?.name !== "OperationError") throw error;
      console.warn("cannot be opened", id);
    }
  }
  tell("record", { visits: [] });
  tell("photos", {});
}
