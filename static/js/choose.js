// Choosing photos on the wall: a long press begins it, a tap anywhere on a photo ticks it, the foot says how many.
import { make } from "./words.js";

const LONG = 550; // milliseconds
const STILL = 10; // CSS pixels a resting finger may move

class Choosing {
  constructor(form) {
    this.form = form;
    this.parts = [...document.querySelectorAll("[data-choosing]")];
    this.on = this.parts.some((part) => !part.hidden);
    form.addEventListener("change", () => this.count());
    form.addEventListener("click", (event) => this.tap(event), true);
    form.addEventListener("pointerdown", (event) => this.press(event));
    for (const name of ["pointerup", "pointercancel", "scroll"]) addEventListener(name, () => clearTimeout(this.timer), { passive: true });
    addEventListener("pointermove", (event) => {
      if (this.from && Math.hypot(event.clientX - this.from[0], event.clientY - this.from[1]) > STILL) clearTimeout(this.timer);
    }, { passive: true });
    form.addEventListener("contextmenu", (event) => { // what Android makes of a long press
      const photo = event.target.closest(".wall-photo");
      if (photo && this.touch) { event.preventDefault(); this.begin(photo); }
    });
    document.addEventListener("htmx:load", () => { if (this.on) this.boxes(); });
    this.count();
  }

  press(event) {
    const photo = event.target.closest(".wall-photo");
    this.touch = event.pointerType === "touch";
    this.began = false;
    this.from = [event.clientX, event.clientY];
    clearTimeout(this.timer);
    if (photo && this.touch && !this.on) this.timer = setTimeout(() => this.begin(photo), LONG);
  }

  begin(photo) {
    clearTimeout(this.timer);
    if (this.on) return;
    this.on = true;
    this.began = true;
    for (const part of this.parts) part.hidden = false;
    this.boxes();
    photo.querySelector("input[name=photo]").checked = true;
    this.count();
  }

  boxes() {
    for (const photo of this.form.querySelectorAll(".wall-photo")) {
      if (photo.querySelector("input[name=photo]")) continue;
      const words = `${this.form.dataset.choose} ${photo.querySelector("img").alt}`;
      const box = make("input", { type: "checkbox", name: "photo", value: photo.id.replace("photo-", "") });
      photo.append(make("label", { class: "tick" }, box, make("span", { class: "visually-hidden" }, words)));
    }
  }

  tap(event) {
    const link = event.target.closest(".wall-photo a");
    if (!link || !this.on || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (this.began) return; // the finger that began it is lifted, however late; a tap comes with a press of its own
    const box = link.parentElement.querySelector("input[name=photo]");
    box.checked = !box.checked;
    this.count();
  }

  count() {
    const words = document.getElementById("how-many");
    if (words) words.textContent = words.dataset.text.replace("{n}", this.form.querySelectorAll("input[name=photo]:checked").length);
  }
}

export function start(root) {
  const form = root.matches?.("form[data-choose]") ? root : root.querySelector("form[data-choose]");
  if (!form || form.dataset.begun) return;
  form.dataset.begun = "yes";
  new Choosing(form);
}
