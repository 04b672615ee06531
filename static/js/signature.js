// A signature drawn with a finger, a pen or a mouse. Strokes are kept as points, so turning the phone keeps them.
// The hidden input receives a PNG data URL, black on white. The keyboard's way is the refusal form.
const INK = "#10181f";

class Pad {
  constructor(place) {
    this.place = place;
    this.canvas = place.querySelector("canvas");
    this.input = place.querySelector("input[type=hidden]");
    this.strokes = [];
    this.active = null;
    place.querySelector("[data-signature-clear]")?.addEventListener("click", () => this.clear());
    this.canvas.addEventListener("pointerdown", (event) => this.down(event));
    this.canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) this.canvas.addEventListener(name, () => this.up());
    new ResizeObserver(() => this.resize()).observe(this.canvas);
  }

  point(event) {
    const box = this.canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }

  down(event) {
    if (event.button > 0 || this.active) return;
    event.preventDefault();
    try { this.canvas.setPointerCapture(event.pointerId); } catch { /* the pointer is gone already */ }
    this.active = event.pointerId;
    this.strokes.push([this.point(event)]);
    this.draw(this.canvas);
  }

  move(event) {
    if (event.pointerId !== this.active) return;
    const stroke = this.strokes[this.strokes.length - 1];
    for (const part of event.getCoalescedEvents?.().length ? event.getCoalescedEvents() : [event]) stroke.push(this.point(part));
    this.draw(this.canvas);
  }

  up() {
    if (this.active === null) return;
    this.active = null;
    this.keep();
  }

  clear() {
    this.strokes = [];
    this.input.value = "";
    this.place.classList.remove("is-signed");
    this.draw(this.canvas);
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  resize() {
    const scale = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(this.canvas.clientWidth * scale);
    this.canvas.height = Math.round(this.canvas.clientHeight * scale);
    this.draw(this.canvas);
  }

  draw(canvas, ground) {
    const pen = canvas.getContext("2d");
    const { width, height } = canvas;
    pen.clearRect(0, 0, width, height);
    if (ground) { pen.fillStyle = ground; pen.fillRect(0, 0, width, height); }
    pen.strokeStyle = INK;
    pen.fillStyle = INK;
    pen.lineWidth = Math.max(2, height / 70);
    pen.lineCap = pen.lineJoin = "round";
    for (const stroke of this.strokes) {
      pen.beginPath();
      stroke.forEach(([x, y], index) => (index ? pen.lineTo(x * width, y * height) : pen.moveTo(x * width, y * height)));
      if (stroke.length === 1) pen.lineTo(stroke[0][0] * width + 0.1, stroke[0][1] * height);
      pen.stroke();
    }
  }

  /** A stray touch is not a signature: some ink has to be there. */
  keep() {
    const points = this.strokes.reduce((sum, stroke) => sum + stroke.length, 0);
    if (points < 8) return;
    const sheet = document.createElement("canvas");
    sheet.width = 900;
    sheet.height = Math.round(900 * this.canvas.clientHeight / this.canvas.clientWidth);
    this.draw(sheet, "#ffffff");
    this.input.value = sheet.toDataURL("image/png");
    this.place.classList.add("is-signed");
    const signs = this.input.form?.querySelector("input[type=radio][value=signed]");
    if (signs) signs.checked = true; // who draws a signature has said so: one tap less
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

export function start(root) {
  for (const place of root.querySelectorAll("[data-signature]")) {
    if (!place.dataset.ready) { place.dataset.ready = "yes"; new Pad(place); }
  }
}
