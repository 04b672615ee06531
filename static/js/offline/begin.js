// A visit begins on the phone when the pack holds the place and its checklists; else the server begins it, or without
// signal what the kept page of the place says.
import { showProblem } from "../errors.js";
import { newId } from "../ids.js";
import { currentPosition } from "../position.js";
import { make, say } from "../words.js";
import { CHANGE_STORES, recordIn } from "./changes.js";
import { keptPlace } from "./kept_place.js";
import { call } from "./net.js";
import { here } from "./session.js";
import { tell } from "./signals.js";
import { all, available, change, get } from "./store.js";
import { untilSent } from "./waiting.js";
import { cameOffline } from "./worker.js";

const PATIENCE = 2500; // ms for the server to hear of it first
const SIGNAL = 4000; // ms for the server to say that it is there
const NO_SIGNAL = new Set(["offline", "portal", "half", "busy", "server"]);

/** The place's sheets of `domains` (all of them when empty); null if the phone lacks any. */
async function sheetsOf(place, domains) {
  const wanted = place.sheets.filter((sheet) => !domains.length || domains.includes(sheet.domain));
  const sheets = await Promise.all(wanted.map((sheet) => get("pack", `sheet:${sheet.version_id}`)));
  if (!wanted.length || sheets.some((sheet) => !sheet)) return null;
  return wanted.map((sheet, index) => ({ ...sheet, domain: sheets[index].domain, title: sheets[index].title }));
}

/** Begin a visit of `place`, by default the pack's; gives its id, or null where the phone knows too little. */
export async function beginVisit({ premises_id, domains = [], fellows = [], parent_id = null }, place = undefined) {
  const known = place ?? (await get("premises", premises_id));
  const again = parent_id && known?.again?.find((one) => one.parent_id === parent_id); // what a visit found, to be looked at again
  const sheets = parent_id ? again?.sheets : known ? await sheetsOf(known, domains) : null;
  if (!sheets) return null;
  const [id, at] = [newId(), currentPosition()];
  const fields = {
    premises_id, domains: sheets.map((sheet) => sheet.domain), fellows, latitude: at?.latitude ?? null, longitude: at?.longitude ?? null,
    accuracy_m: at?.accuracy ?? null, ...(again && { parent_id }), sheets: sheets.map(({ version_id, item_ids }) => ({ version_id, item_ids })),
  };
  await change(CHANGE_STORES, "readwrite", async (tx) => {
    const row = await recordIn(tx, { kind: "visit_start", inspection_id: id, fields });
    tx.objectStore("visits").put({
      id, person: row.person, premises_id, premises: { name: known.name, person_in_charge: known.person_in_charge ?? "" }, sheets,
      started_at: row.device_at, status: "open", made_here: true, base: null, ...(again && { parent_id, again: { items: again.items, html: again.html } }),
    });
  });
  tell("record", { visits: [id] });
  return id;
}

/** The visit of this place that is still open on this phone. */
export async function openVisit(premises_id) {
  const visits = await all("visits");
  const ended = new Set((await all("changes")).filter((one) => ["finish", "visit_discard"].includes(one.kind) && one.state !== "refused").map((one) => one.inspection_id));
  return visits.find((visit) => visit.premises_id === premises_id && visit.status === "open" && !ended.has(visit.id));
}

/** Whether the start of visit `id` has left this phone. */
async function isSent(id) {
  const rows = await all("changes", { index: "visit", range: id });
  return !rows.some((one) => one.kind === "visit_start" && one.state === "waiting");
}

/** Whether the server answers: a form sent without it would end in the browser's own page of errors. */
async function hasSignal() {
  if (!navigator.onLine) return false;
  return call("/sync/ping", { patience: SIGNAL }).then(() => true, (error) => !NO_SIGNAL.has(error.kind));
}

/** {id} of the visit begun here, or {direct}: whether the server can begin it. */
async function attempt(facts) {
  const isKeeping = (await available()) && (await here());
  const id = isKeeping ? await beginVisit(facts) : null;
  if (id) return { id };
  if (await hasSignal()) return { id: null, direct: true };
  const place = isKeeping && !facts.parent_id ? await keptPlace(facts.premises_id) : null;
  return { id: place && (await beginVisit(facts, place)), direct: false };
}

let beginning = false;

async function onSubmit(event) {
  const form = event.target;
  if (!form.matches?.("form[data-begins]") || form.dataset.direct) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (beginning) return; // a second tap
  beginning = true;
  const data = new FormData(form);
  const facts = { premises_id: data.get("premises_id"), domains: data.getAll("domains"), fellows: data.getAll("fellows"), parent_id: form.dataset.parent ?? null };
  const { id, direct } = await attempt(facts).catch((error) => {
    console.warn("begin", error);
    return { id: null, direct: navigator.onLine };
  });
  if (id) {
    await untilSent(() => isSent(id), PATIENCE);
    location.assign(`/inspections/${id}`);
    return;
  }
  beginning = false;
  if (direct) {
    form.dataset.direct = "yes";
    form.requestSubmit(event.submitter);
  } else showProblem(say("unprepared"));
}

window.addEventListener("submit", onSubmit, true);
window.addEventListener("pageshow", () => { beginning = false; });

/** A kept page may be older than a visit begun here: then one goes on with that. */
export async function start() {
  const form = document.querySelector("form[data-begins][data-continue]");
  if (!form || cameOffline() !== "page" || !(await available())) return;
  const running = await openVisit(form.elements.premises_id.value);
  if (running) form.parentElement.replaceChildren(make("a", { class: "btn", href: `/inspections/${running.id}` }, make("span", {}, form.dataset.continue)));
}
