// The chip at the top right, on every page: "all received", or how much waits and why. It also starts the sender.
import { showProblem } from "../errors.js";
import { say } from "../words.js";
import { pending, start as send } from "./outbox.js";
import { here } from "./session.js";
import { hear } from "./signals.js";
import { available, setting } from "./store.js";

const OFF = new Set(["offline", "portal"]);
let uploads = 0; // photos that upload.js sends by itself
let quiet; // the chip as the server wrote it

/** {kind, text} of the chip: `waits` rows, `refused` rows, `state` of the outbox. */
export function chipOf(waits, refused, state) {
  if (refused) return { kind: "off", text: `! ${say("chip_refused", refused)}` };
  if (!waits) return null;
  if (state === "sign_in") return { kind: "off", text: say("chip_sign_in", waits) };
  if (OFF.has(state)) return { kind: "off", text: say("chip_offline", waits) };
  return { kind: "wait", text: `⇡ ${say("chip_waits", waits)}` };
}

async function counts() {
  if (!await available()) return chipOf(uploads, 0, "");
  const { count, refused } = await pending(await here());
  const state = navigator.onLine ? (await setting("outbox"))?.kind : "offline";
  return chipOf(count + uploads, refused.length, state);
}

async function show() {
  const place = document.querySelector("[data-sync]");
  if (!place) return;
  quiet ??= { text: place.textContent, kind: place.className };
  const chip = await counts();
  const text = chip?.text ?? quiet.text;
  if (place.textContent !== text) place.textContent = text;
  place.dataset.known = "yes"; // before, nothing is claimed (base.css)
  place.className = chip ? `state state-${chip.kind}` : quiet.kind;
}

let due = 0;
function soon() {
  if (!due) due = setTimeout(() => { due = 0; show().catch((error) => console.warn("chip", error)); }, 100);
}

let started = false;
export function start() {
  soon();
  if (started) return;
  started = true;
  for (const name of ["record", "photos", "outbox", "person"]) hear(name, soon);
  for (const name of ["online", "offline"]) window.addEventListener(name, soon);
  hear("person", ({ id }) => { // somebody else signed in, in another tab: nothing of this page is theirs
    const mine = document.querySelector("meta[name=person]")?.content;
    if (mine && mine !== id) location.reload();
  });
  hear("space", (news) => { if (news?.low) showProblem(say("phonelow")); });
  hear("outdated", () => showProblem(say("outdated")));
  document.addEventListener("uploads", ({ detail }) => { uploads = detail; soon(); });
  send().catch((error) => console.warn("outbox", error));
}
