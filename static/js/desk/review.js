// The desk: one photo at a time. A decision shows the next photo at once and goes out in the background (queue.js).
import { start as startCompare } from "../compare.js";
import { showProblem } from "../errors.js";
import { newId } from "../ids.js";
import { announce, say } from "../words.js";
import { listen, swipes } from "./keys.js";
import { Queue } from "./queue.js";

const AHEAD = 4; // pictures fetched before they are looked at
const FEW = 8; // looks left when more are asked for
const $ = (id) => document.getElementById(id);

class Desk {
  constructor(root) {
    this.root = root;
    this.looks = $("looks");
    this.left = Number.parseInt($("desk-state").textContent, 10) || 0;
    this.done = []; // ids of marks given on this page, the last one last
    this.queue = new Queue(root.dataset.marks, { told: (...said) => this.told(...said), changed: () => this.state() });
    this.acts = {
      accept: () => this.decide("reviewed"), back: () => this.askReason(), undo: () => this.undo(), compare: () => this.compare(),
      older: () => this.go(1), newer: () => this.go(-1), help: () => $("help").showModal(),
    };
    listen(this.acts, { reason: (place) => document.querySelectorAll("[data-reason]")[place]?.click() });
    swipes(this.looks, this.acts);
    this.buttons();
    this.show(this.all()[0]);
    this.state();
  }

  all() { return [...this.looks.querySelectorAll("[data-look]")]; }

  buttons() {
    $("desk-accept")?.addEventListener("submit", (event) => { event.preventDefault(); event.stopImmediatePropagation(); this.acts.accept(); }, true);
    document.querySelector("[data-send-back]")?.addEventListener("click", (event) => { event.preventDefault(); this.acts.back(); });
    $("desk-undo")?.addEventListener("click", this.acts.undo);
    $("desk-help")?.addEventListener("click", this.acts.help);
    $("beside-body").addEventListener("click", (event) => { // another photo to compare with, without leaving
      const link = event.target.closest("a[href*='/compare?']");
      if (!link) return;
      event.preventDefault();
      this.compare(link.href);
    });
    for (const button of document.querySelectorAll("[data-reason]")) {
      button.addEventListener("click", () => this.decide("sent_back", button.dataset.reason));
    }
    document.querySelector("[data-own-reason]").addEventListener("click", () => {
      const words = $("own-reason");
      if (words.value.trim()) { this.decide("sent_back", words.value.trim()); words.value = ""; }
      else { announce(say("write_reason")); words.focus(); }
    });
  }

  show(look) {
    for (const one of this.all()) one.hidden = one !== look;
    this.here = look;
    $("desk-end").hidden = Boolean(look);
    for (const one of document.querySelectorAll("#desk-accept button, [data-send-back]")) one.toggleAttribute("disabled", !look);
    if (!look) { announce(say("no_more")); return; }
    const all = this.all();
    const place = all.indexOf(look);
    for (const one of all.slice(place, place + AHEAD)) {
      const picture = one.querySelector("img[data-src]");
      if (picture && !picture.src) picture.src = picture.dataset.src;
    }
    if (all.length - place < FEW) this.more();
    announce(look.dataset.name);
  }

  go(step) {
    const all = this.all();
    const next = all[(this.here ? all.indexOf(this.here) : all.length) + step];
    if (next || step > 0) this.show(next);
  }

  async more() {
    const link = this.looks.querySelector("[data-more]");
    if (!link || link.dataset.asked) return;
    link.dataset.asked = "yes";
    try {
      const answer = await fetch(link.href, { headers: { "HX-Request": "true" }, cache: "no-store" });
      if (!answer.ok || answer.redirected) throw new Error("not the following photos");
      link.insertAdjacentHTML("afterend", await answer.text()); // our own template: user text is escaped in it
      link.remove();
      if (!this.here) this.show(this.all().find((one) => !one.dataset.decided));
    } catch {
      delete link.dataset.asked;
      if (!this.here) link.hidden = false;
    }
  }

  decide(decision, remark = "") {
    $("reasons").close();
    const look = this.here;
    if (!look) return;
    const id = newId();
    this.done.push({ id, look, before: look.dataset.review, decided: look.dataset.decided });
    this.queue.add({ id, photo: look.dataset.look, decision, remark, seen: look.dataset.review });
    if (!look.dataset.decided) this.left -= 1;
    look.dataset.decided = id;
    this.stand(look, decision, true);
    this.go(1);
    this.state();
  }

  /** How a photo stands, and whether the server knows it yet. */
  stand(look, review, going) {
    look.dataset.review = review;
    look.querySelector("[data-mark]").textContent = say(`mark_${review}`) + (going ? ` · ${say("going")}` : "");
  }

  undo() {
    const last = this.done.pop();
    if (!last) { announce(say("nothing_to_undo")); return; }
    const { look } = last;
    const unsent = this.queue.drop(last.id);
    if (!unsent) this.queue.add({ id: newId(), undo: last.id, photo: look.dataset.look });
    if (last.decided) look.dataset.decided = last.decided;
    else { delete look.dataset.decided; this.left += 1; }
    this.stand(look, last.before, !unsent);
    this.show(look);
    this.state();
    announce(say("back_again"));
  }

  askReason() { if (this.here) $("reasons").showModal(); }

  async compare(url = this.here?.dataset.compareUrl) {
    if (!url) return;
    try {
      const answer = await fetch(url, { headers: { "HX-Request": "true" }, cache: "no-store" });
      if (!answer.ok || answer.redirected) throw new Error("no comparison");
      $("beside-body").innerHTML = await answer.text(); // our own template
      startCompare($("beside-body"));
      if (!$("beside").open) $("beside").showModal();
    } catch { showProblem(say("unreachable")); }
  }

  told(mark, result) {
    const look = this.looks.querySelector(`[data-look="${mark.photo}"]`);
    if (result.fate !== "done") {
      showProblem([look?.dataset.name, result.message].filter(Boolean).join(": "));
      this.done = this.done.filter((one) => one.id !== mark.id);
    }
    const newest = !this.queue.waiting.some((one) => one.photo === mark.photo);
    if (look && newest && result.review) this.stand(look, result.review, false);
  }

  /** The one line that tells the truth: what is left, and what the server has not confirmed. */
  state() {
    const chip = $("desk-state");
    const count = this.queue?.length ?? 0;
    const kind = { offline: "no_line", server: "no_line", sign_in: "sign_in_marks" }[this.queue?.state] ?? "on_way";
    const left = say("left", Math.max(0, this.left));
    chip.textContent = count ? say(kind, count) : this.done.length ? `${say("all_in")} · ${left}` : left;
    chip.className = `state state-${count ? (kind === "on_way" ? "wait" : "off") : "ok"}`;
    chip.dataset.waiting = count;
    $("desk-undo")?.toggleAttribute("disabled", !this.done.length);
  }
}

export function start(root) {
  const desk = root.matches?.("[data-desk]") ? root : root.querySelector("[data-desk]");
  if (!desk || desk.dataset.begun) return;
  desk.dataset.begun = "yes";
  new Desk(desk);
}
