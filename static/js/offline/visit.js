// The page of a visit on the phone: what the server said last, with everything recorded here laid over it.
import { showProblem } from "../errors.js";
import { make, say } from "../words.js";
import { showPair } from "./again.js";
import { showCard, showCardProblem } from "./cards.js";
import { changesOf, fold, rebase } from "./changes.js";
import { showEnded } from "./ended.js";
import { announceRest, photosOf } from "./photos.js";
import { missing, sweepable } from "./rules.js";
import { here } from "./session.js";
import { hear } from "./signals.js";
import { change, ask, setting } from "./store.js";

const SEEN = ["result", "sweep", "note", "phrases", "readings", "outcome", "due_on", "refer_to", "refer_reason", "guard", "scene"];
const MARGIN = 5000; // ms by which the clocks of phone and server may be misjudged

export class Visit {
  /** `data` as app/inspections/phone.py makes it. */
  constructor(data) {
    Object.assign(this, data);
    this.items = new Map(Object.entries(data.items));
    this.states = {};
    this.local = [];
    this.told = new Set();
    this.shown = new Map(); // item -> how its card looks now, so that a tap touches one card
    if (!data.made_here) {
      const base = fold(data.answers, []);
      for (const id of this.items.keys()) this.shown.set(id, this.look(base[id] ?? {}, id));
    }
  }

  /** Keep what the server said, so that versions follow each other; then show everything. */
  async begin() {
    const person = (await here())?.id;
    await change(["visits"], "readwrite", async (tx) => {
      const visits = tx.objectStore("visits");
      const known = await ask(visits.get(this.id));
      visits.put({ ...known, id: this.id, person: known?.person ?? person, premises_id: this.premises.id, premises: this.premises, sheets: this.sheets, started_at: this.started_at, status: known?.status ?? "open", ...(this.parent_id && { parent_id: this.parent_id, again: known?.again && Object.keys(known.again.items).length >= this.items.size ? known.again : this.again() }) });
    });
    const offset = (await setting("clock_offset_ms")) ?? 0;
    if (this.answers) await rebase(this.id, this.answers, this.rendered_at + offset - MARGIN);
    await this.refresh();
    for (const name of ["record", "photos", "outbox"]) hear(name, () => this.refresh());
    announceRest().catch((error) => console.warn("photos", error));
  }

  /** Of a re-inspection: its cards as they stand on this page, for the pages that are composed without a connection. */
  again() {
    return { items: Object.fromEntries(this.items), html: document.getElementById("cards")?.innerHTML ?? "" };
  }

  /** Read the phone's record again and show it. Calls that come meanwhile are one more. */
  refresh() {
    if (this.reading) { this.again = true; return this.reading; }
    this.reading = this.read().finally(() => {
      this.reading = null;
      if (this.again) { this.again = false; this.refresh(); }
    });
    return this.reading;
  }

  async read() {
    const [changes, photos] = await Promise.all([changesOf(this.id), photosOf(this.id)]);
    this.changes = changes;
    this.local = photos;
    this.states = fold(this.answers, changes);
    this.show();
  }

  /** {seen, after}: photos of an item, received or still on the phone. */
  photosOfItem(id) {
    const mine = this.local.filter((photo) => photo.state !== "refused");
    const known = new Set(mine.map((photo) => photo.id));
    const all = [...mine.map((photo) => ({ item_id: photo.item_id, after: photo.purpose === "after" })), ...(this.photos ?? []).filter((photo) => !known.has(photo.id))];
    const own = all.filter((photo) => photo.item_id === id);
    const after = own.filter((photo) => photo.after).length;
    return { seen: own.length - after, after };
  }

  /** How it was finished on this phone; null while it is open, or where the server said no. */
  get finished() {
    return this.changes?.find((one) => one.kind === "finish" && one.state !== "refused") ?? null;
  }

  state(id) {
    return this.states[id] ?? {};
  }

  /** Items that do not conform, each with what it still needs. */
  findings() {
    return [...this.items].filter(([id]) => this.state(id).result === "does_not")
      .map(([id, item]) => ({ id, item, state: this.state(id), gaps: missing(this.state(id), item, this.photosOfItem(id), this.day) }));
  }

  /** What "the rest conforms" would answer. */
  rest() {
    if (this.parent_id) return []; // at a re-inspection each point is looked at, those taken along as well
    return [...this.items].filter(([id, item]) => sweepable(this.state(id), item, this.photosOfItem(id))).map(([id]) => id);
  }

  /** The id of the last "the rest conforms" that still stands. */
  lastSweep() {
    const swept = Object.values(this.states).filter((state) => state.result && state.sweep);
    swept.sort((one, other) => (one.mine?.result?.seq ?? 0) - (other.mine?.result?.seq ?? 0));
    return swept.at(-1)?.sweep ?? null;
  }

  /** Everything a card shows of an item, as text to compare. */
  look(state, id) {
    return JSON.stringify([SEEN.map((name) => state[name] ?? null), this.photosOfItem(id)]);
  }

  show() {
    for (const card of document.querySelectorAll("article[data-item]")) {
      const id = card.dataset.item;
      const item = this.items.get(id);
      const look = item && this.look(this.state(id), id);
      if (!item || this.shown.get(id) === look) continue;
      showCard(card, this.state(id), item, this.photosOfItem(id), this);
      this.shown.set(id, look);
    }
    for (const photo of this.local) showTile(photo, this);
    this.showFates();
    this.showProgress();
    if (document.getElementById("next-step")) showEnded(this);
    document.dispatchEvent(new CustomEvent("visit:shown", { detail: this }));
  }

  /** What the server said to a change other than "received": beside its item, or above the page. Each once. */
  showFates() {
    for (const one of this.changes) {
      const text = one.last_error?.text;
      if (!text || !["late", "conflict", "refused", "held"].includes(one.fate) || one.settled || this.told.has(one.id)) continue;
      this.told.add(one.id);
      const card = one.item_id && one.fate !== "late" && document.querySelector(`article[data-item="${one.item_id}"]`);
      if (card) showCardProblem(card, text); else if (one.kind !== "finish") showProblem(text);
    }
  }

  answered(sheet) {
    return sheet.item_ids.filter((id) => this.state(id).result).length;
  }

  showProgress() {
    const bar = document.querySelector("#progress progress");
    const total = this.sheets.reduce((sum, sheet) => sum + sheet.item_ids.length, 0);
    const done = this.sheets.reduce((sum, sheet) => sum + this.answered(sheet), 0);
    if (bar) {
      Object.assign(bar, { value: done, max: total || 1, textContent: `${done} / ${total}` });
      const small = document.querySelector("#progress small");
      if (small) small.textContent = this.sheets.map((sheet) => `${sheet.title} ${this.answered(sheet)} / ${sheet.item_ids.length}`).join(" · ");
    }
    this.sheets.forEach((sheet, index) => {
      const aside = document.querySelector(`#sheet-${index + 1} ~ .aside`);
      if (aside) aside.textContent = this.words.answered.replace("{answered}", this.answered(sheet)).replace("{total}", sheet.item_ids.length);
    });
    const early = document.getElementById("finish-early");
    if (early) early.hidden = !done || done === total || Boolean(this.finished);
    this.showNextStep(total - done);
  }

  showNextStep(left) {
    const foot = document.getElementById("next-step");
    if (!foot || !this.can_write || this.finished) return;
    const findings = this.findings();
    const open = findings.filter((one) => one.gaps.length).length;
    const many = (key, n) => this.words[key].replace("{n}", n);
    const [how, found] = [foot.querySelector(".how-many"), foot.querySelector(".found")];
    if (how) how.textContent = left ? many("left", left) : open ? many("to_complete", open) : this.words.all;
    if (found) found.textContent = findings.length ? [many("findings", findings.length), ...(open && left ? [many("to_complete", open)] : [])].join(" · ") : this.parent_id ? this.words.again : this.words.none;
    const [rest, sweep] = [this.rest().length, this.lastSweep()];
    const [undo, sweeps, finish] = [foot.querySelector("[data-records=undo]"), foot.querySelector("[data-records=sweep]"), foot.querySelector("a.btn")];
    if (undo) { undo.hidden = !sweep || rest > 0; undo.elements.sweep_id.value = sweep ?? ""; }
    if (sweeps) sweeps.hidden = !rest;
    if (finish) finish.hidden = rest > 0;
  }
}

/** A photo of this phone in its strip: its small picture and how far it is. */
function showTile(photo, visit) {
  const card = photo.item_id && document.querySelector(`article[data-item="${photo.item_id}"]`);
  const strip = (photo.item_id ? card : document)?.querySelector(`form[data-upload][data-purpose="${photo.purpose}"] .strip`);
  if (!strip) return;
  let tile = document.getElementById(`photo-${photo.id}`);
  if (tile && !tile.dataset.local) return; // the server's own picture of it is there
  if (!tile) {
    tile = make("li", { class: "shot", id: `photo-${photo.id}`, "data-local": "yes" }, make("span", { class: "shot-blank" }, photo.name), make("span", { class: "shot-state" }));
    strip.querySelector(".add").before(tile);
  }
  if (photo.thumb) tile.querySelector(".shot-blank")?.replaceWith(make("img", { alt: "", width: 96, height: 96 }));
  const [image, text] = [tile.querySelector("img"), tile.querySelector(".shot-state")];
  if (image) { // else the name stands there: this browser cannot draw it
    if (photo.thumb && image.getAttribute("src") !== photo.thumb) image.src = photo.thumb;
    image.alt = visit.words.photo.replace("{n}", [...strip.querySelectorAll(".shot")].indexOf(tile) + 1);
  }
  if (visit.parent_id) showPair(card, photo.thumb);
  const state = photo.state === "received" ? "ok" : photo.state === "refused" ? "failed" : "kept";
  tile.dataset.state = state;
  const words = { ok: `✓ ${say("received")}`, failed: say("failed"), kept: say("onphone") }[state];
  if (text.textContent !== words) text.textContent = words;
  const problem = strip.parentElement.querySelector(".strip-problem");
  if (problem && state === "failed") Object.assign(problem, { hidden: false, textContent: `${photo.name}: ${photo.last_error?.text || words}` });
}

/** What the page says of its visit, or null where it shows none. */
export function dataOfPage() {
  const place = document.getElementById("visit-data");
  return place ? JSON.parse(place.textContent) : null;
}
