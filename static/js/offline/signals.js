// What happened to the store, told to every open page of this phone: "record", "outbox", "photos", "space", "blocked", "outdated".
const channel = globalThis.BroadcastChannel ? new BroadcastChannel("xuncha") : null;
const listeners = new Set();

function deliver(message) {
  for (const [name, listener] of listeners) if (name === message.name) listener(message.detail ?? null);
}

/** Tell all listeners of this page and of the other open pages. `detail` must be plain data. */
export function tell(name, detail = null) {
  deliver({ name, detail });
  channel?.postMessage({ name, detail });
}

/** Call `listener(detail)` when `name` is told; gives a function that ends it. */
export function hear(name, listener) {
  const entry = [name, listener];
  listeners.add(entry);
  return () => listeners.delete(entry);
}

channel?.addEventListener("message", (event) => deliver(event.data));
