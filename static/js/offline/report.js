// "Report something": kept on the phone's disk while it is written, sent by the outbox. Where nothing can be kept
// (a private window) the form goes to the server by itself, as without scripts.
import { newId } from "../ids.js";
import { currentPosition } from "../position.js";
import { announce, make, say } from "../words.js";
import { showProblem } from "../errors.js";
import { CHANGE_STORES, recordIn } from "./changes.js";
import { places, search } from "./packed.js";
import { announceRest, keepPhoto, photosOf } from "./photos.js";
import { here } from "./session.js";
import { tell } from "./signals.js";
import { StorageFull, all, ask, available, change, get, put, remove } from "./store.js";
import { untilSent } from "./waiting.js";

const PATIENCE = 4000; // ms for the server to hear of it before the phone says that it has it
const FOUND = 8;
const DRAFT = "draft"; // of a visit's row and of photos: nothing sends them

const localMinute = (at) => new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
const chosen = (form) => form.querySelector("[name=premises_id]:checked, input[type=hidden][name=premises_id]");

function fieldsOf(form, seenBy) {
  const data = new FormData(form);
  const text = (name) => (data.get(name) ?? "").trim();
  const place = chosen(form);
  const at = currentPosition();
  const seen = seenBy.touched && text("discovered_at") ? new Date(text("discovered_at")) : new Date();
  return {
    category: text("category"), content: text("content"), place: text("place"), premises_id: place?.value || null,
    premises_name: place?.value ? place.dataset.name ?? place.closest("label")?.querySelector("span")?.firstChild?.textContent.trim() ?? "" : "",
    discovered_at: seen.toISOString(), latitude: at?.latitude ?? null, longitude: at?.longitude ?? null, accuracy_m: at?.accuracy ?? null,
  };
}

const lacking = (form, { category, content, place, premises_id, latitude }) => {
  if (!category) return form.dataset.missing;
  if (!content) return form.dataset.empty;
  return place || premises_id || latitude !== null ? "" : form.dataset.nowhere;
};

function showMissing(text) {
  const line = document.getElementById("report-problem");
  line.textContent = text;
  line.hidden = !text;
  if (text) { line.scrollIntoView({ block: "center" }); line.focus(); }
}

function failed(error) {
  console.error("not kept", error);
  showProblem(say(error instanceof StorageFull ? "phonefull" : "notkept"));
}

/** The report as a row of its own: its photos and its change hang on its id, as those of a visit do on the visit's. */
class Report {
  constructor(form, person, draft) {
    this.form = form;
    this.person = person;
    this.id = draft?.id ?? newId();
    this.seen = { touched: draft?.touched ?? false };
    this.sent = false;
  }

  row(status) {
    const values = Object.fromEntries([...new FormData(this.form)].filter(([name, value]) => typeof value === "string" && name !== "csrf_token"));
    return { id: this.id, person: this.person.id, premises: { name: this.form.dataset.unsent }, status, made_here: true, base: null, values, touched: this.seen.touched };
  }

  restore({ values }) {
    for (const [name, value] of Object.entries(values)) {
      if (name === "premises_id" || name === "report_id") continue;
      for (const field of this.form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (field.type === "radio") field.checked = field.value === value;
        else if (field.type !== "file" && field.type !== "hidden") field.value = value;
      }
    }
  }

  keepDraft() {
    if (!this.sent) put("visits", this.row(DRAFT)).catch(failed);
  }

  async photo(file, source) {
    const row = await keepPhoto({ visit: this.id, purpose: "scene", source, file, position: currentPosition(), state: DRAFT });
    await put("visits", this.row(DRAFT));
    this.show(row, URL.createObjectURL(file));
  }

  show(row, src) {
    const strip = document.getElementById("report-strip");
    const button = make("button", { type: "button", class: "shot-state" }, this.form.dataset.remove);
    const tile = make("li", { class: "shot", "data-state": "ok" }, make("img", { src, alt: row.name, width: 96, height: 96 }), button);
    button.addEventListener("click", async () => {
      for (const store of ["photos", "blobs", "thumbs"]) await remove(store, row.id);
      tile.remove();
    });
    strip.querySelector(".add").before(tile);
  }

  /** Everything at once: the report, and its photos are to be sent from now on. */
  async record(fields) {
    this.sent = true;
    await change([...CHANGE_STORES, "photos"], "readwrite", async (tx) => {
      await recordIn(tx, { kind: "report_new", inspection_id: this.id, fields });
      tx.objectStore("visits").put({ ...this.row("report"), values: {} });
      const photos = tx.objectStore("photos");
      for (const photo of await ask(photos.index("visit").getAll(this.id))) photos.put({ ...photo, state: "waiting" });
    });
    tell("record", { visits: [this.id] });
    announceRest().catch((error) => console.warn("photos", error));
  }

  async fate() {
    const rows = await all("changes", { index: "visit", range: this.id });
    return rows.find((one) => one.kind === "report_new");
  }

  async send() {
    const fields = fieldsOf(this.form, this.seen);
    const problem = lacking(this.form, fields);
    showMissing(problem);
    if (problem) return;
    await this.record(fields);
    await untilSent(async () => (await this.fate())?.state !== "waiting", PATIENCE);
    const fate = await this.fate();
    if (!fate || fate.state === "sent") { location.assign(`/reports/${this.id}`); return; }
    this.form.hidden = true;
    document.querySelector(".foot").hidden = true;
    const card = document.getElementById("report-kept");
    card.hidden = false;
    card.focus();
    announce(card.querySelector("h2").textContent);
  }
}

function showPhrases(form) {
  const category = form.querySelector("[name=category]:checked")?.value ?? "";
  for (const group of form.querySelectorAll("[data-phrases-of]")) group.hidden = group.dataset.phrasesOf !== category;
}

/** Places for what is typed: from the server, without a signal from the pack. */
async function propose(form, query) {
  const found = document.getElementById("places-found");
  if (!found) return;
  if (!query.trim()) { found.replaceChildren(); return; }
  try {
    const answer = await fetch(`/reports/places?place=${encodeURIComponent(query)}`, { signal: AbortSignal.timeout(3000), headers: { Accept: "text/html" } });
    if (answer.ok && answer.headers.get("X-Xuncha")) { found.outerHTML = await answer.text(); return; }
  } catch { /* no signal */ }
  const near = search(await places(), query).slice(0, FOUND);
  const option = (value, name, checked) => make("label", { class: "tick" },
    make("input", { type: "radio", name: "premises_id", value, ...(checked && { checked: "" }) }), make("span", {}, name));
  const list = make("div", { class: "ticks" }, ...near.map((place) => option(place.id, place.name, false)), option("", form.dataset.none, true));
  found.replaceChildren(...(near.length ? [make("fieldset", { class: "choices" }, make("legend", {}, form.dataset.which), list)] : []));
}

/** The place of the address (?premises=…), where only the phone can say its name. */
async function fromAddress(form) {
  const id = new URLSearchParams(location.search).get("premises");
  if (!id || chosen(form)?.value) return;
  const place = (await places()).find((one) => one.id === id);
  if (place) form.append(make("input", { type: "hidden", name: "premises_id", value: id, "data-name": place.name }));
  if (place) form.querySelector("[name=place]").value = place.name;
}

function listen(form, report) {
  let typing = 0;
  let asking = 0;
  form.addEventListener("input", ({ target }) => {
    clearTimeout(typing);
    typing = setTimeout(() => report.keepDraft(), 400);
    if (target.name === "discovered_at") report.seen.touched = true;
    if (target.name !== "place") return;
    clearTimeout(asking);
    asking = setTimeout(() => propose(form, target.value), 300);
  });
  form.addEventListener("change", async ({ target }) => {
    if (target.name === "category") showPhrases(form);
    if (!target.dataset.reportPhoto) { report.keepDraft(); return; }
    const files = [...target.files];
    target.value = "";
    try {
      for (const file of files) await report.photo(file, target.dataset.reportPhoto);
    } catch (error) { failed(error); }
  });
}

export async function start() {
  const form = document.querySelector("form[data-report]");
  if (!form || form.dataset.started) return;
  form.dataset.started = "yes";
  form.addEventListener("change", () => showPhrases(form));
  showPhrases(form);
  const person = (await available()) && (await here());
  if (!person) return;
  const drafts = (await all("visits")).filter((row) => row.status === DRAFT && row.person === person.id);
  const report = new Report(form, person, drafts[0]);
  if (drafts[0]) report.restore(drafts[0]);
  if (!report.seen.touched) form.elements.discovered_at.value = localMinute(Date.now());
  for (const photo of await photosOf(report.id)) {
    const blob = (await get("blobs", photo.id))?.blob;
    if (blob) report.show(photo, URL.createObjectURL(blob));
  }
  showPhrases(form);
  await fromAddress(form);
  listen(form, report);
  let busy = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (busy) return;
    busy = true;
    try { await report.send(); } catch (error) { report.sent = false; failed(error); } finally { busy = false; }
  }, true);
}
