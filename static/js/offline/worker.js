// The page's side of the service worker: it is registered, it takes over at the right moment, and it forgets at the sign-out.
const TYPING = "xuncha-typing"; // held by every page somebody types in

/** Ask the worker and give its answer ({ok, …}); null where there is none or it does not answer. */
export async function askWorker(question, ms = 120_000) {
  const none = new Promise((done) => { setTimeout(done, ms, null); }); // "ready" waits for ever where there is none
  const registration = await Promise.race([navigator.serviceWorker?.ready, none]);
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise((done) => {
    port1.onmessage = ({ data }) => done(data);
    none.then(done);
  });
  registration?.active?.postMessage(question, [port2]);
  return registration?.active ? answer : null;
}

/** Whether this page came from the phone: "page", "shell", "missing"; "" from the network. */
export const cameOffline = () => document.documentElement.dataset.offline ?? "";

/** A new version takes over when a page has just been opened and nobody types in another one. */
function takeOver(waiting) {
  if (!waiting) return;
  const go = () => new Promise((done) => {
    navigator.serviceWorker.addEventListener("controllerchange", done, { once: true });
    waiting.postMessage({ ask: "take over" });
    setTimeout(done, 3000);
  });
  if (navigator.locks) navigator.locks.request(TYPING, { ifAvailable: true }, (free) => (free ? go() : null));
  else go();
}

function holdWhileTyping() {
  let held = false;
  document.addEventListener("input", (event) => {
    if (held || !event.target.closest("main form")) return;
    held = true;
    navigator.locks?.request(TYPING, { mode: "shared" }, () => new Promise(() => {})); // until the page is left
  });
}

/** Pages of whoever signs out leave the phone; the sign-in page says so once more, should this page be gone too soon. */
export const forgetPages = () => askWorker({ ask: "forget" }, 2000);

async function start() {
  const container = navigator.serviceWorker;
  if (!container || !window.isSecureContext) return;
  holdWhileTyping();
  if (location.pathname === "/sign-in" && new URLSearchParams(location.search).has("out")) {
    forgetPages();
    import("../later.js").then(({ pack }) => pack.forgetPack()).catch((error) => console.warn("pack", error));
  }
  const first = !container.controller;
  try {
    const registration = await container.register("/sw.js", { updateViaCache: "none" });
    takeOver(registration.waiting);
    if (!document.querySelector(".nav")) return; // nobody is signed in
    if (first) await askWorker({ ask: "shells" }); // this page came before the worker
    const idle = window.requestIdleCallback ?? ((work) => setTimeout(work, 500));
    idle(() => import("../later.js").then(({ pack }) => pack.keepFresh()).catch((error) => console.warn("pack", error)));
  } catch (error) {
    console.warn("no service worker", error); // the product works without it, but not without signal
  }
}

start();
