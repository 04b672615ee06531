// Room on the phone: asked to be kept for good, and warned about while there is still time.
import { setSetting, setting } from "./store.js";
import { tell } from "./signals.js";

export const LEAST_FREE = 200 * 2 ** 20; // bytes
export const MOST_USED = 0.8; // share of what the browser gives us

/** {quota, usage, free, low, persisted}; numbers are null where the browser does not tell. */
export async function space() {
  const { quota = null, usage = null } = (await navigator.storage?.estimate?.().catch(() => null)) ?? {};
  const persisted = (await navigator.storage?.persisted?.().catch(() => false)) ?? false;
  const free = quota === null ? null : quota - usage;
  return { quota, usage, free, low: isLow(quota, usage), persisted };
}

export function isLow(quota, usage) {
  return quota !== null && (quota - usage < LEAST_FREE || usage > MOST_USED * quota);
}

const AGAIN = 3_600_000; // ms between two warnings

/** After each photo: tell "space" {low} when room gets scarce, at most once an hour. */
export async function watchSpace() {
  if (!(await space()).low || Date.now() - ((await setting("warned_low")) ?? 0) < AGAIN) return;
  await setSetting("warned_low", Date.now());
  tell("space", { low: true });
}

let asked = false;
/** After the first write: ask the browser not to throw our data away. Once; it may show a question. */
export async function keepForGood() {
  if (asked) return;
  asked = true;
  if (!navigator.storage?.persist || (await setting("persisted")) !== undefined) return;
  await setSetting("persisted", await navigator.storage.persist().catch(() => false));
  tell("space");
}

/** A guess: private windows give little room, and lose everything when they are closed. */
export async function privateWindow() {
  const heap = performance.memory?.jsHeapSizeLimit;
  const quota = await new Promise((done) => {
    const old = navigator.webkitTemporaryStorage;
    if (!heap || !old) done(null);
    else old.queryUsageAndQuota((_usage, all) => done(all), () => done(null));
  });
  if (quota !== null) return quota < 2 * heap;
  return navigator.storage?.getDirectory?.().then(() => false, () => true) ?? false;
}
