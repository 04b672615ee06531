// A page that would rather show the server's own word waits a moment for it, and not at all without a connection.
import { hear } from "./signals.js";

const TRYING = new Set(["sending", "waits", "ok"]); // what the outbox says while there is hope

/** Until `isSent()` (may be async) holds, the outbox says that there is no way now, or `ms` are over. */
export function untilSent(isSent, ms) {
  if (!navigator.onLine) return Promise.resolve();
  return new Promise((done) => {
    const end = () => { stop(); done(); };
    const stop = hear("outbox", async (state) => {
      if ((state?.kind && !TRYING.has(state.kind)) || await isSent()) end();
    });
    setTimeout(end, ms);
  });
}
