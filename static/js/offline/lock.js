// One sender at a time, over all tabs: Web Locks; where they are missing, a lease in the storage.
import { newId } from "../ids.js";
import { ask, change } from "./store.js";

const LEASE = 30_000; // ms a lease lives without being renewed
const me = newId();

function take() {
  return change(["settings"], "readwrite", async (tx) => {
    const settings = tx.objectStore("settings");
    const lease = (await ask(settings.get("lease")))?.value;
    const theirs = lease && lease.tab !== me && lease.until > Date.now() && lease.until < Date.now() + 2 * LEASE;
    if (!theirs) settings.put({ key: "lease", value: { tab: me, until: Date.now() + LEASE } });
    return !theirs;
  });
}

const release = () => change(["settings"], "readwrite", async (tx) => {
  const settings = tx.objectStore("settings");
  if ((await ask(settings.get("lease")))?.value?.tab === me) settings.delete("lease");
});

async function leased(work) {
  if (!await take()) return false;
  const renewing = setInterval(() => take().catch(() => {}), LEASE / 3);
  try {
    await work();
  } finally {
    clearInterval(renewing);
    await release();
  }
  return true;
}

/** Run `work` unless another tab is at it; false when it is. */
export async function exclusively(work) {
  if (!navigator.locks) return leased(work);
  return navigator.locks.request("xuncha-outbox", { ifAvailable: true }, async (lock) => {
    if (lock) await work();
    return Boolean(lock);
  });
}
