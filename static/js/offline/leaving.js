// Signing out: nothing of this person stays open on the phone. Unsent work is told first; it may be sent or locked.
import { showProblem } from "../errors.js";
import { say } from "../words.js";
import { Trouble, ping } from "./net.js";
import { pending, wake } from "./outbox.js";
import { canSeal, keepKey, seal } from "./sealing.js";
import { arrived, here, left } from "./session.js";
import { hear } from "./signals.js";
import { StorageFull, all, available, change, device } from "./store.js";

const part = (id) => document.getElementById(id);
const fill = (words, values) => Object.entries(values).reduce((whole, [name, value]) => whole.replace(`{${name}}`, value), words);

/** {photos, entries} of `person` that only this phone has: what waits, and what the server refused. */
async function unsent(person) {
  const { changes, notices, photos, refused } = await pending(person);
  const entries = [...changes, ...notices, ...refused].filter((row) => row.kind && row.kind !== "photo_announced");
  return { photos: photos.length + refused.filter((row) => !row.kind).length, entries: entries.length };
}

/** Where nothing can be locked: what the server has confirmed is deleted. */
async function wipe(person) {
  const stores = ["changes", "photos", "visits", "notices"];
  const rows = await Promise.all(stores.map((name) => all(name)));
  await change([...stores, "blobs", "thumbs"], "readwrite", (tx) => {
    stores.forEach((name, n) => {
      for (const { id } of rows[n].filter((row) => row.person === person.id || !row.person)) {
        for (const store of name === "photos" ? ["photos", "blobs", "thumbs"] : [name]) tx.objectStore(store).delete(id);
      }
    });
  });
}

/** Lock (or wipe) everything of `person`, then sign out at the server. */
async function leave(form, person, server_time) {
  const title = part("leaving-title");
  await left(server_time);
  try {
    if (canSeal()) await seal((done, total) => { title.textContent = fill(part("leaving").dataset.locking, { done, total }); });
    else await wipe(person);
  } catch (error) {
    if (!(error instanceof StorageFull)) throw error;
    await arrived(person, server_time + 1); // no room to lock in: so this person stays
    showProblem(say("phonefull"));
    return;
  }
  form.submit();
}

/** The server's time and a fresh CSRF token; null, and a word about it, without a signal. */
async function reach(form) {
  try {
    const data = await ping(await device());
    const token = form.querySelector("[name=csrf_token]");
    if (data.person) await keepKey(data);
    if (data.csrf && token) token.value = data.csrf;
    return data;
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    showProblem(part("leaving").dataset.offline);
    return null;
  }
}

async function show(person) {
  const box = part("leaving");
  const count = await unsent(person);
  const none = !count.photos && !count.entries;
  part("leaving-title").textContent = none ? box.dataset.sent : fill(box.dataset.left, count);
  part("leaving-words").hidden = none;
  box.classList.toggle("card-warn", !none);
  if (!canSeal()) {
    part("leaving-words").textContent = box.dataset.unsafe;
    box.querySelector("[data-leave=lock]").hidden = !none;
  }
  box.querySelector("[data-leave=send]").hidden = none;
  return none;
}

async function signOut(form) {
  const person = await here();
  if (!person) { form.submit(); return; }
  const { photos, entries } = await unsent(person);
  const server = await reach(form);
  if (!server) return;
  if (!photos && !entries) { await leave(form, person, server.server_time_ms); return; }
  await show(person);
  part("leaving").hidden = false;
  part("leaving").focus();
  part("leaving").scrollIntoView({ block: "nearest" });
}

async function onPress(form, what) {
  const person = await here();
  if (what === "stay") { part("leaving").hidden = true; return; }
  if (what === "send") {
    part("leaving-title").textContent = part("leaving").dataset.sending;
    await wake({ force: true });
    await show(person);
    return;
  }
  const server = await reach(form);
  if (server) await leave(form, person, server.server_time_ms);
}

let started = false;
export async function start() {
  const form = document.querySelector("form[action$='/sign-out']");
  if (started || !form || !part("leaving")) return;
  started = true;
  let busy = false;
  const once = async (work) => {
    if (busy) return;
    busy = true;
    await work().catch((error) => { console.error("leaving", error); form.submit(); }).finally(() => { busy = false; delete form.dataset.busy; });
  };
  form.addEventListener("submit", (event) => { event.preventDefault(); once(async () => (await available() ? signOut(form) : form.submit())); });
  for (const button of document.querySelectorAll("[data-leave]")) button.addEventListener("click", () => once(() => onPress(form, button.dataset.leave)));
  hear("outbox", async () => { if (!part("leaving").hidden && !busy) show(await here()); });
}
