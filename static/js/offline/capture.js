// Everything tapped, typed, photographed in a visit goes to the phone's storage first; the outbox sends it.
// Where nothing can be stored (a private window) the forms go to the server by themselves, as without this module.
import { carry } from "../carried.js";
import { newId } from "../ids.js";
import { currentPosition } from "../position.js";
import { announce, say } from "../words.js";
import { showProblem } from "../errors.js";
import { BLANK_VISIT, showCardProblem } from "./cards.js";
import { compose } from "./compose.js";
import { recordAll } from "./changes.js";
import { finishVisit, showFinish } from "./finish.js";
import { issueNotice, showNotice } from "./notice.js";
import { keepPhoto } from "./photos.js";
import { judgeAll, refuseDate } from "./rules.js";
import { here } from "./session.js";
import { StorageFull, available } from "./store.js";
import { Visit, dataOfPage } from "./visit.js";

const LONGEST_NOTE = 10_000; // characters, as app/inspections says
const TYPING = 700; // ms of rest after which half-typed words are kept
const page = dataOfPage();
const isShell = page?.id === BLANK_VISIT; // composed here, from the pack
let visit = page && !isShell ? new Visit(page) : null;

const cardOf = (element) => element.closest("article[data-item]");
const fieldsOf = (form) => Object.fromEntries([...new FormData(form)].filter(([name]) => !["csrf_token", "change_id"].includes(name)));

/** What is recorded for each kind of form: a list of changes, or a sentence on what is wrong. */
const RECORDS = {
  answer(form, button) {
    const id = cardOf(form).dataset.item;
    if ((visit.state(id).result ?? "") === button.value) return [];
    return [{ kind: "answer", item_id: id, fields: { result: button.value, sweep: null } }];
  },
  note(form) {
    const phrases = [...form.querySelectorAll("[name=phrases]:checked")].map((field) => Number(field.value));
    if (form.elements.note.value.length > LONGEST_NOTE) return visit.words.too_long;
    return [{ kind: "note", item_id: cardOf(form).dataset.item, fields: { note: form.elements.note.value.trim(), phrases } }];
  },
  outcome(form) {
    const { outcome, due_on = "", refer_to = "", refer_reason = "", guard = "", scene = "" } = fieldsOf(form);
    if ([refer_reason, guard, scene].some((text) => text.length > LONGEST_NOTE)) return visit.words.too_long;
    const bad = outcome === "by_a_date" && due_on ? refuseDate(due_on, visit.day) : null;
    if (bad) return visit.words[bad];
    return [{ kind: "outcome", item_id: cardOf(form).dataset.item, fields: { outcome, due_on, refer_to, refer_reason, guard, scene } }];
  },
  readings(form) {
    const id = cardOf(form).dataset.item;
    const fields = fieldsOf(form);
    const { problem } = judgeAll(visit.items.get(id), fields, document.documentElement.lang.startsWith("zh"));
    if (problem) return visit.words[problem];
    const { result } = judgeAll(visit.items.get(id), fields, true);
    const answer = result && result !== visit.state(id).result ? [{ kind: "answer", item_id: id, fields: { result, sweep: null } }] : [];
    return [{ kind: "readings", item_id: id, fields }, ...answer];
  },
  sweep() {
    const sweep = newId();
    return visit.rest().map((id) => ({ kind: "answer", item_id: id, fields: { result: "conforms", sweep } }));
  },
  undo(form) {
    const sweep = form.elements.sweep_id.value;
    return [...visit.items.keys()].filter((id) => visit.state(id).sweep === sweep)
      .map((id) => ({ kind: "answer", item_id: id, fields: { result: null, sweep: null } }));
  },
};

/** Keep what `form` says. True once it is on the disk (or there was nothing to keep). */
async function keep(form, button) {
  if (form.dataset.records === "finish") return finishVisit(visit, form);
  const changes = RECORDS[form.dataset.records](form, button);
  const card = cardOf(form);
  if (typeof changes === "string") { showCardProblem(card, changes); return false; }
  if (!changes.length) return true;
  try {
    await recordAll(changes.map((one) => ({ inspection_id: visit.id, ...one })));
  } catch (error) {
    failed(error);
    return false;
  }
  for (const field of form.querySelectorAll("[data-typed]")) delete field.dataset.typed;
  card?.querySelector(":scope > .field-error")?.remove();
  await visit.refresh();
  announce(say("saved"));
  return true;
}

function failed(error) {
  console.error("not kept", error);
  showProblem(say(error instanceof StorageFull ? "phonefull" : "notkept"));
}

/** Whether this event is ours; if so nobody else hears it. */
function take(event, form) {
  if (!form || !visit?.can_write || visit.finished) return false;
  event.preventDefault();
  event.stopImmediatePropagation();
  return true;
}

const ready = available().then(async (can) => {
  if (!page || !can || !(await here())) return false;
  if (isShell) {
    const made = await compose(page);
    if (!made?.id) { notHere(Boolean(made?.lacking)); return false; }
    visit = new Visit(made);
  }
  await visit.begin();
  document.documentElement.dataset.keeps = "yes"; // from here on a tap shows when it is on the disk, not before
  return true;
}).catch((error) => { console.error("offline", error); return false; });

/** The phone knows nothing of the visit at this address: the server is asked, once; without it a sentence says so. */
function notHere(lacking) {
  const asked = new URLSearchParams(location.search).has("direct");
  if (!lacking && !asked && document.documentElement.dataset.offline === "missing") { location.replace(`${location.pathname}?direct=1`); return; }
  const place = document.getElementById("not-here");
  if (place) place.hidden = false;
}

async function onSubmit(event) {
  const form = event.target.closest?.("form[data-records]");
  if (form?.dataset.records === "notice") {
    event.preventDefault();
    if (await ready) await issueNotice(visit, form);
    return;
  }
  if (form && visit?.finished) { event.preventDefault(); location.assign(`/inspections/${visit.id}`); return; }
  if (!take(event, form)) return;
  if (await ready) { await keep(form, event.submitter ?? form.querySelector("button")); return; }
  visit = null; // from now on the server alone
  await new Promise((done) => { setTimeout(done); }); // a form does not submit while it is still telling of a submission
  if (event.submitter) event.submitter.click(); else form.requestSubmit();
}

async function onChange(event) {
  const form = event.target.form;
  if (form?.hasAttribute("data-upload") && event.target.type === "file") { await onPhotos(event, form); return; }
  if (!["note", "outcome", "readings"].includes(form?.dataset.records) || !take(event, form)) return;
  if (form.dataset.records === "readings") carry(event.target); // nobody else hears of it
  if (await ready) { await keep(form); return; }
  visit = null;
  form.dispatchEvent(new Event("change", { bubbles: true }));
}

async function onPhotos(event, form) {
  if (!take(event, form)) return;
  const input = event.target;
  if (!(await ready)) {
    visit = null;
    await import("../later.js"); // the server alone
    input.dispatchEvent(new Event("change", { bubbles: true }));
    return;
  }
  const files = [...input.files];
  input.value = "";
  for (const file of files) {
    try {
      await keepPhoto({
        visit: visit.id, item: cardOf(form)?.dataset.item ?? null, purpose: form.dataset.purpose, file,
        source: input.hasAttribute("capture") ? "camera" : "gallery", position: currentPosition(), edge: Number(form.dataset.maxEdge) || 0,
      });
    } catch (error) { failed(error); return; }
  }
}

const resting = new Map();
function onInput(event) {
  const form = event.target.form;
  if (!["note", "outcome"].includes(form?.dataset.records) || event.target.tagName !== "TEXTAREA") return;
  clearTimeout(resting.get(form));
  resting.set(form, setTimeout(() => { resting.delete(form); ready.then((can) => can && visit && keep(form)); }, TYPING));
}

/** Words still in the air when the page is hidden or left. */
function flush() {
  for (const [form, timer] of resting) { clearTimeout(timer); resting.delete(form); if (visit) keep(form); }
}

if (page) {
  if (document.getElementById("notice-here")) document.addEventListener("visit:shown", () => showNotice(visit));
  if (document.getElementById("finish-summary")) document.addEventListener("visit:shown", () => showFinish(visit));
  window.addEventListener("submit", onSubmit, true);
  window.addEventListener("change", onChange, true);
  window.addEventListener("input", onInput, true);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") flush(); });
  window.addEventListener("pagehide", flush);
}

