// Notice numbers reserved for this phone: enough of each kind, topped up where there is a signal.
import { newId } from "../ids.js";
import { ping } from "./net.js";
import { all, ask, change, device, get, put, remove } from "./store.js";

const SPARE = 3; // above the least, so that not every notice asks for one

const isFree = (one) => one.state === "free" && !(Date.parse(one.expires_at) < Date.now());

/** {kind: how many are free} for each of `kinds` [{key}]. */
export async function freeNumbers(kinds) {
  const numbers = (await all("numbers")).filter(isFree);
  return Object.fromEntries(kinds.map(({ key }) => [key, numbers.filter((one) => one.kind === key).length]));
}

/** Reserve what is lacking of each kind the person may issue. Raises when the server cannot be asked. */
export async function fillNumbers({ notice_kinds: kinds, least_numbers: least }) {
  await removeOld();
  const free = await freeNumbers(kinds);
  const lacking = kinds.filter(({ key }) => free[key] < least);
  if (!lacking.length) return;
  const id = await device();
  const { csrf } = await ping(id);
  for (const { key } of lacking) await reserve(key, least + SPARE - free[key], { device: id, csrf });
}

/** The request is kept before it is sent: asked again after an interruption, the server gives the same numbers. */
async function reserve(kind, count, { device: id, csrf }) {
  const key = `reserving:${kind}`;
  const request = (await get("pack", key)) ?? (await put("pack", { key, change_id: newId(), count }));
  const response = await fetch("/notices/reserve", {
    method: "POST", credentials: "same-origin", redirect: "error",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrf },
    body: JSON.stringify({ kind, count: request.count, change_id: request.change_id, device: id }),
  });
  if (!response.headers.get("X-Xuncha")) throw new Error("this was not our server");
  if (!response.ok) {
    if (response.status === 409 || response.status === 422) await remove("pack", key); // never answered otherwise
    throw new Error(`no numbers: ${response.status}`);
  }
  const { numbers } = await response.json();
  await change(["numbers", "pack"], "readwrite", async (tx) => {
    const store = tx.objectStore("numbers");
    for (const one of numbers) {
      const known = await ask(store.get(one.number));
      if (!known && one.state === "reserved") store.put({ ...one, state: "free" });
    }
    tx.objectStore("pack").delete(key);
  });
}

/** Numbers whose time is over leave the phone; the register accounts for them. */
async function removeOld() {
  const old = (await all("numbers")).filter((one) => one.state === "free" && !isFree(one));
  for (const one of old) await remove("numbers", one.number);
}

/** Free numbers are one person's: with the pack of another they go. Used ones stay until their notice is sent. */
export async function dropNumbers() {
  for (const one of await all("numbers")) if (one.state === "free") await remove("numbers", one.number);
}
