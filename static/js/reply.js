// The owner's reply form. Without this script it is a plain form; with it each photo goes at once, by itself, until it
// has arrived, and what was written stays on the phone when the page is closed. It imports nothing: one small file.
const form = document.querySelector("form[data-reply]");
const say = form.dataset;
const KEY = `reply/${say.reply}`;
const AT_ONCE = 2;
const list = document.getElementById("shots");
const live = document.getElementById("live");
const button = document.getElementById("send");
const picker = form.elements.photos;
const queue = []; // photos on their way
form.classList.add("js");
let running = 0;
let wanted = false; // the owner tapped "send" while photos were on their way

function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function tell(text, bad = false) {
  live.textContent = text;
  live.className = bad ? "live bad" : "live";
}

// ---- what was written stays on this phone
const store = {
  read() { try { return JSON.parse(localStorage.getItem(KEY)) || {}; } catch { return {}; } },
  write() {
    try {
      const { text, wished_on } = form.elements;
      localStorage.setItem(KEY, JSON.stringify({ id: draft(), text: text.value, wished: wished_on ? wished_on.value : "" }));
    } catch { /* a private window keeps nothing; the form works all the same */ }
  },
  forget() { try { localStorage.removeItem(KEY); } catch { /* as above */ } },
};
const draft = () => form.elements.reply_id.value;

async function restore() {
  const kept = store.read();
  if (say.fresh === "no") { store.write(); return; } // the server showed back what was sent: that is newer
  if (!kept.id) return;
  let known;
  try {
    const answer = await fetch(`${say.upload}/${kept.id}`, { headers: { Accept: "application/json" } });
    known = answer.ok ? await answer.json() : null;
  } catch { known = null; }
  if (known && known.sent) { store.forget(); return; }
  if (draft() !== kept.id && (form.elements.text.value || queue.length)) return; // the owner was quicker
  form.elements.reply_id.value = kept.id;
  form.elements.text.value = kept.text || "";
  if (form.elements.wished_on) form.elements.wished_on.value = kept.wished || "";
  for (const photo of known ? known.photos : []) new Shot(null, photo);
  if (kept.text || (known && known.photos.length)) tell(say.kept);
}

// ---- photos
class Shot {
  constructor(file, arrived) {
    this.file = file;
    this.id = arrived ? arrived.id : newId();
    this.tries = 0;
    this.tile = document.createElement("li");
    this.image = document.createElement("img");
    this.image.alt = file ? file.name : "";
    this.image.src = arrived ? arrived.url : URL.createObjectURL(file);
    this.bar = document.createElement("progress");
    this.bar.max = 1;
    this.bar.value = 0;
    this.bar.setAttribute("aria-label", this.image.alt || say.waiting);
    this.text = document.createElement("span");
    this.tile.append(this.image, this.bar, this.text);
    list.append(this.tile);
    hint();
    if (arrived) this.done(); else { this.show(say.waiting); queue.push(this); }
  }

  show(words, label, press) {
    this.text.textContent = words;
    if (this.button) this.button.remove();
    this.button = null;
    if (!label) return;
    this.button = document.createElement("button");
    this.button.type = "button";
    this.button.textContent = label;
    this.button.addEventListener("click", press);
    this.tile.append(this.button);
  }

  send() {
    this.timer = 0;
    this.busy = true;
    running += 1;
    const xhr = new XMLHttpRequest();
    xhr.open("POST", `${say.upload}/${draft()}/${this.id}`);
    xhr.setRequestHeader("Accept", "application/json");
    xhr.setRequestHeader("X-CSRFToken", form.elements.csrf_token.value);
    xhr.setRequestHeader("Content-Type", "application/octet-stream");
    xhr.setRequestHeader("X-File-Name", encodeURIComponent(this.file.name || ""));
    if (this.file.lastModified) xhr.setRequestHeader("X-Captured-At", new Date(this.file.lastModified).toISOString());
    let heard = Date.now();
    const watch = setInterval(() => { if (Date.now() - heard > 45000) xhr.abort(); }, 5000);
    xhr.upload.addEventListener("progress", (event) => {
      heard = Date.now();
      if (!event.lengthComputable) return;
      this.bar.value = event.loaded / event.total;
      this.show(`${Math.min(99, Math.round((100 * event.loaded) / event.total))} %`);
    });
    xhr.addEventListener("loadend", () => {
      clearInterval(watch);
      running -= 1;
      this.busy = false;
      this.heard(xhr);
      work();
    });
    xhr.send(this.file);
  }

  heard(xhr) {
    const code = xhr.status;
    let answer = {};
    try { answer = JSON.parse(xhr.responseText); } catch { /* not our server: try again */ }
    if (code >= 200 && code < 300 && answer.id === this.id) {
      this.image.src = answer.url; // also what this browser cannot draw itself
      this.done();
    } else if (code >= 400 && code < 500 && ![408, 425, 429].includes(code)) {
      this.leave();
      this.bar.hidden = true;
      this.show(answer.error || say.refused, say.remove, () => this.vanish());
      tell(answer.error || say.refused, true);
    } else {
      this.tries += 1;
      const wait = Math.min(60000, 1000 * 2 ** this.tries);
      this.timer = setTimeout(() => { this.timer = 0; work(); }, wait);
      this.show(say.again, say.retry, () => this.now());
    }
  }

  now() { clearTimeout(this.timer); this.timer = 0; work(); }
  leave() { const at = queue.indexOf(this); if (at >= 0) queue.splice(at, 1); }
  vanish() { this.tile.remove(); hint(); }

  done() {
    this.leave();
    this.arrived = true;
    this.bar.hidden = true;
    this.show(`✓ ${say.received}`, say.remove, () => this.remove());
    store.write();
  }

  async remove() {
    const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value });
    try {
      const answer = await fetch(`${say.upload}/${draft()}/${this.id}/remove`, { method: "POST", body, headers: { Accept: "application/json" } });
      if (answer.ok) this.vanish(); else tell((await answer.json()).error, true);
    } catch { tell(say.offline, true); }
  }
}

function hint() {
  const place = document.getElementById("hint");
  if (place) place.hidden = list.children.length > 0;
}

function work() {
  for (const shot of [...queue]) if (running < AT_ONCE && !shot.busy && !shot.timer) shot.send();
  if (wanted && queue.length) tell(say.left.replace("{count}", queue.length));
  if (wanted && !queue.length) { wanted = false; send(); }
}

function take() {
  for (const file of picker.files) {
    if (list.children.length >= Number(say.most)) { tell(say.toomany, true); break; }
    new Shot(file);
  }
  picker.value = "";
  store.write();
  work();
}

// ---- sending
async function send() {
  if (!form.reportValidity()) return;
  button.disabled = true;
  tell(say.sending);
  store.write();
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "follow" });
    if (answer.ok && answer.redirected) { store.forget(); location.assign(answer.url); return; }
    if (answer.status < 500) { form.submit(); return; } // the server's own page says what to mend
    tell(say.offline, true);
  } catch { tell(say.offline, true); }
  button.disabled = false;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  wanted = queue.length > 0;
  if (wanted) work(); else send();
});
form.addEventListener("input", (event) => { if (event.target !== picker) store.write(); });
picker.addEventListener("change", take);
window.addEventListener("online", () => { for (const shot of queue) if (shot.timer) shot.now(); });
restore().then(() => { if (picker.files.length) take(); document.documentElement.dataset.scripts = "ready"; });
