// Who is working on this phone. A page from the server says so; so does every ping. The newer word holds:
// a page kept for offline use may be of somebody who signed out since.
import { tell } from "./signals.js";
import { ask, change, setting } from "./store.js";

let settled;
/** The person of this phone {id, name, at}, or null; settles once a page what the page itself says. */
export function here() {
  settled ??= settle();
  return settled;
}

async function settle() {
  const meta = document.querySelector("meta[name=person]");
  const at = Number(document.querySelector("meta[name=server-time]")?.content) || 0;
  if (meta?.content) await arrived({ id: meta.content, name: meta.dataset.name ?? "" }, at);
  const known = await setting("person");
  return known?.id ? known : null;
}

/** Somebody is signed in at server time `at` (ms). Gives true when it was somebody else before. */
export async function arrived({ id, name }, at) {
  const switched = await change(["settings"], "readwrite", async (tx) => {
    const settings = tx.objectStore("settings");
    const known = (await ask(settings.get("person")))?.value;
    if (known && (known.id === id || known.at > at)) return false;
    settings.put({ key: "person", value: { id, name, at } });
    return known?.id ? known.id !== id : false;
  });
  if (switched) {
    settled = undefined;
    tell("person", { id });
  }
  return switched;
}

/** Nobody works on this phone any more. `at`: server time in ms. */
export async function left(at) {
  settled = undefined;
  await change(["settings"], "readwrite", (tx) => {
    tx.objectStore("settings").put({ key: "person", value: { id: null, name: "", at } });
  });
}
