// Rectangles drawn over faces and plates with a finger, a pen or a mouse. Each one is a ticked box of the form
// ("left,top,width,height" in ten-thousandths of the photo); unticking takes it off. Without a script squares are ticked.
const WHOLE = 10000;
const LEAST = 150; // a tap that slipped draws nothing
const SVG = "http://www.w3.org/2000/svg";

class Sheet {
  constructor(form) {
    this.form = form;
    this.cover = form.querySelector(".cover");
    this.sheet = form.querySelector("[data-cover-sheet]");
    this.list = form.querySelector("[data-cover-list]");
    this.ticks = this.list.querySelector(".ticks");
    this.pairs = new Map(); // tick -> rect
    const rects = [...this.sheet.querySelectorAll("rect")];
    this.ticks.querySelectorAll("input").forEach((tick, place) => this.pair(tick, rects[place]));
    this.switch = form.querySelector("[data-cover-switch]");
    this.switch?.addEventListener("click", () => this.draws(!this.isDrawing));
    this.sheet.addEventListener("pointerdown", (event) => this.down(event));
    this.sheet.addEventListener("pointermove", (event) => this.move(event));
    this.sheet.addEventListener("pointerup", () => this.up());
    this.sheet.addEventListener("pointercancel", () => this.drop());
    this.draws(true);
  }

  get isDrawing() { return this.cover.classList.contains("is-drawing"); }

  draws(yes) {
    this.cover.classList.toggle("is-drawing", yes);
    this.switch?.setAttribute("aria-pressed", String(!yes));
  }

  point(event) {
    const box = this.sheet.getBoundingClientRect();
    const within = (value) => Math.min(WHOLE, Math.max(0, Math.round(value * WHOLE)));
    return [within((event.clientX - box.left) / box.width), within((event.clientY - box.top) / box.height)];
  }

  down(event) {
    if (event.button > 0 || this.rect) return;
    event.preventDefault();
    try { this.sheet.setPointerCapture(event.pointerId); } catch { /* the pointer is gone already */ }
    this.from = this.point(event);
    this.rect = this.sheet.appendChild(document.createElementNS(SVG, "rect"));
  }

  move(event) {
    if (!this.rect) return;
    const [x, y] = this.point(event);
    const [fromX, fromY] = this.from;
    this.box = [Math.min(x, fromX), Math.min(y, fromY), Math.abs(x - fromX), Math.abs(y - fromY)];
    ["x", "y", "width", "height"].forEach((name, place) => this.rect.setAttribute(name, this.box[place]));
  }

  up() {
    if (!this.rect) return;
    if (!this.box || this.box[2] < LEAST || this.box[3] < LEAST) { this.drop(); return; }
    const label = document.createElement("label");
    label.className = "tick";
    const tick = document.createElement("input");
    Object.assign(tick, { type: "checkbox", name: "box", value: this.box.join(","), checked: true });
    const word = document.createElement("span");
    word.textContent = this.form.dataset.place.replace("#", this.pairs.size + 1);
    label.append(tick, word);
    this.ticks.append(label);
    this.list.hidden = false;
    this.pair(tick, this.rect);
    this.rect = this.box = null;
    tick.dispatchEvent(new Event("change", { bubbles: true }));
  }

  drop() {
    this.rect?.remove();
    this.rect = this.box = null;
  }

  pair(tick, rect) {
    this.pairs.set(tick, rect);
    tick.addEventListener("change", () => rect.toggleAttribute("hidden", !tick.checked));
  }
}

export function start(root) {
  for (const form of root.querySelectorAll("form[data-cover]")) {
    if (!form.dataset.ready) { form.dataset.ready = "yes"; new Sheet(form); }
  }
}
