// Each photo goes by itself, the moment it is taken: its own id, its own request, tried until the server has it.
// "Received" is shown only when the server's SHA-256 is the one the phone counted.
import { serverWords } from "./errors.js";
import { newId } from "./ids.js";
import { currentPosition } from "./position.js";
import { sha256 } from "./sha256.js";
import { shrink } from "./shrink.js";
import { freshToken } from "./token.js";
import { announce, make, say } from "./words.js";

const AT_ONCE = 2;
const LONGEST_WAIT = 60_000;
const queue = new Set(); // photos the server does not have yet
let running = 0;

/** Seconds the phone's clock is ahead of the server's, measured when the page arrived; "" if unknown. */
function clockOffset() {
  const server = Number(document.querySelector("meta[name=server-time]")?.content);
  const [arrival] = performance.getEntriesByType("navigation");
  if (!server || !arrival) return "";
  return ((performance.timeOrigin + arrival.responseStart - server) / 1000).toFixed(1);
}

class Photo {
  constructor(form, input, file) {
    Object.assign(this, { form, file, id: newId(), tries: 0, timer: 0, body: null, hash: undefined, position: currentPosition() });
    this.source = input.hasAttribute("capture") ? "camera" : "gallery";
    this.takenAt = new Date(this.source === "camera" ? Date.now() : file.lastModified || Date.now()).toISOString();
    this.tile = make("li", { class: "shot", "data-state": "sending" });
    this.image = make("img", { alt: file.name, src: URL.createObjectURL(file), width: 96, height: 96 });
    this.image.addEventListener("error", () => this.blank());
    this.bar = make("progress", { max: 1, value: 0, "aria-label": file.name });
    this.text = make("span", { class: "shot-state" }, say("waiting"));
    this.tile.append(this.image, this.bar, this.text);
    form.querySelector(".strip .add").before(this.tile);
    queue.add(this);
  }

  /** What this browser cannot draw, HEIC or no picture at all, stands there by its name. */
  blank() {
    this.image.replaceWith(make("span", { class: "shot-blank" }, this.file.name));
  }

  show(state, text, press) {
    this.tile.dataset.state = state;
    this.bar.hidden = state !== "sending";
    const next = make(press ? "button" : "span", { class: "shot-state", ...(press && { type: "button" }) }, text);
    if (press) next.addEventListener("click", press);
    this.text.replaceWith(next);
    this.text = next;
  }

  async prepare() {
    if (this.body) return;
    const edge = Number(this.form.dataset.maxEdge) || 0;
    const made = await shrink(this.file, edge);
    this.name = made === this.file ? this.file.name : this.file.name.replace(/\.\w+$/, "") + ".jpg";
    this.hash = await sha256(made);
    this.body = made;
  }

  headers() {
    const at = currentPosition() || this.position;
    return {
      Accept: "application/json",
      "Content-Type": this.body.type || "application/octet-stream",
      "X-CSRFToken": this.form.querySelector("[name=csrf_token]")?.value || document.querySelector("meta[name=csrf-token]")?.content || "",
      "X-File-Name": encodeURIComponent(this.name),
      "X-Captured-At": this.takenAt,
      "X-Clock-Offset": clockOffset(),
      "X-Position": at ? `${at.latitude.toFixed(6)},${at.longitude.toFixed(6)},${Math.round(at.accuracy)}` : "",
      "X-Purpose": this.form.dataset.purpose || "",
      "X-Source": this.source,
    };
  }

  request() {
    return new Promise((done) => {
      const xhr = new XMLHttpRequest();
      xhr.open("POST", `${this.form.dataset.uploadUrl.replace(/\/$/, "")}/${this.id}`);
      for (const [name, value] of Object.entries(this.headers())) if (value) xhr.setRequestHeader(name, value);
      xhr.upload.addEventListener("progress", (event) => {
        if (!event.lengthComputable) return;
        this.bar.value = event.loaded / event.total;
        this.text.textContent = `${Math.min(99, Math.round(100 * event.loaded / event.total))} %`;
      });
      // A dead connection is noticed by silence, not by the size of the photo.
      let heard = Date.now();
      xhr.upload.addEventListener("progress", () => { heard = Date.now(); });
      const watch = setInterval(() => { if (Date.now() - heard > 45_000) xhr.abort(); }, 5000);
      xhr.addEventListener("loadend", () => { clearInterval(watch); done(xhr); });
      xhr.send(this.body);
    });
  }

  async send() {
    this.timer = 0;
    this.show("sending", this.tries ? "0 %" : say("waiting"));
    await this.prepare();
    if (this.signedOut && !await freshToken()) return this.signIn();
    const xhr = await this.request();
    if (xhr.status >= 200 && xhr.status < 300) this.arrived(xhr);
    else if (xhr.status === 401) this.signIn(xhr.getResponseHeader("X-Sign-In"));
    else if (xhr.getResponseHeader("X-Stale-Token")) this.stale();
    else if (xhr.status >= 400 && xhr.status < 500 && ![408, 425, 429].includes(xhr.status)) this.refused(xhr);
    else this.later();
  }

  arrived(xhr) {
    let answer = {};
    try { answer = JSON.parse(xhr.responseText); } catch { /* not our server: try again */ }
    if (!answer.sha256 || (this.hash && answer.sha256 !== this.hash)) {
      this.problem(say("different"));
      this.id = newId();
      this.later();
      return;
    }
    queue.delete(this);
    if (this.signedOut) this.problem("");
    if (answer.thumb && !this.image.isConnected) {
      this.tile.querySelector(".shot-blank").replaceWith(this.image);
      this.image.src = answer.thumb;
    }
    this.show("ok", `✓ ${say("received")}`);
    this.tile.id = `photo-${answer.id || this.id}`;
    announce(say("received"));
    this.form.dispatchEvent(new CustomEvent("photo:received", { bubbles: true, detail: { id: this.id, answer } }));
  }

  /** The server looked at it and says no: its words, and a way to take the photo out of the strip. */
  refused(xhr) {
    queue.delete(this);
    const words = serverWords(xhr) || say("refused");
    this.problem(`${this.file.name}: ${words}`);
    this.show("failed", say("remove"), () => { this.tile.remove(); this.problem(""); });
    this.image.alt = `${this.file.name}: ${say("failed")}`;
  }

  /** The session ended. The photo stays here and goes on once somebody signed in, in another tab. */
  signIn(url) {
    this.signInUrl = url || this.signInUrl || "/sign-in";
    this.signedOut = true;
    this.problem(say("signedout"), make("a", { href: this.signInUrl, target: "_blank", rel: "noopener" }, say("signin")));
    this.show("retry", say("retry"), () => this.now());
  }

  /** Signed in again meanwhile: this page's token is of the session before. */
  stale() {
    this.signedOut = true;
    this.later();
  }

  later() {
    this.tries += 1;
    const wait = Math.min(LONGEST_WAIT, 1000 * 2 ** (this.tries - 1)) * (0.75 + Math.random() / 2);
    this.timer = setTimeout(() => { this.timer = 0; this.due = true; work(); }, wait);
    this.show("retry", say("retry"), () => this.now());
  }

  now() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.due = true;
    work();
  }

  problem(text, ...more) {
    const place = this.form.querySelector(".strip-problem");
    if (!place) return;
    place.replaceChildren(text, ...more.flatMap((part) => [" ", part]));
    place.hidden = !text;
  }
}

/** Keep a few on their way; the chip in the bar says how many are left. */
function work() {
  chip();
  for (const photo of queue) {
    if (running >= AT_ONCE) return;
    if (!photo.due) continue;
    photo.due = false;
    running += 1;
    photo.send().catch(() => photo.later()).finally(() => { running -= 1; work(); });
  }
}

const chip = () => document.dispatchEvent(new CustomEvent("uploads", { detail: queue.size })); // offline/chip.js

function take(input) {
  const form = input.closest?.("form[data-upload]");
  if (!form || input.type !== "file" || !("upload" in new XMLHttpRequest())) return;
  for (const file of input.files) new Photo(form, input, file).due = true;
  input.value = "";
  work();
}

document.addEventListener("change", (event) => take(event.target));
// A fragment that came back from the server replaces the strip: photos still on their way move into the new one.
document.addEventListener("htmx:afterSettle", () => {
  for (const photo of queue) {
    if (photo.tile.isConnected) continue;
    const form = document.getElementById(photo.form.id);
    if (!form) continue;
    photo.form = form;
    form.querySelector(".strip .add")?.before(photo.tile);
  }
});
window.addEventListener("online", () => { for (const photo of queue) if (photo.timer) photo.now(); });
// Back from the tab where they signed in.
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") for (const photo of queue) if (photo.signedOut && !photo.timer) photo.now();
});
window.addEventListener("beforeunload", (event) => { if (queue.size) event.preventDefault(); });

/** A photo may have been chosen while this script was still on its way. */
export function start(root) {
  for (const input of root.querySelectorAll("form[data-upload] input[type=file]")) if (input.files.length) take(input);
}
