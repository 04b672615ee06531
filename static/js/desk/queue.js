// Marks on their way to the server. Each lies in this browser's storage from the tap until the server has said what
// became of it, so a dead zone, a reload or an ended session loses none, and nothing is called received before it is.
import { freshToken } from "../token.js";

const AT_ONCE = 40;
const WAITS = [1000, 2000, 5000, 10000, 30000]; // milliseconds between tries

export class Queue {
  /** `told(mark, result)` once for each answer; `changed()` whenever what waits has changed. */
  constructor(url, { told, changed }) {
    Object.assign(this, { url, told, changed, kept: true, state: "", failures: 0, busy: false, timer: 0 });
    this.person = document.querySelector("meta[name=person]")?.content ?? "";
    this.prefix = `xuncha-mark-${this.person}-`;
    this.waiting = this.read();
    window.addEventListener("online", () => this.soon(0));
    window.addEventListener("beforeunload", (event) => { if (!this.kept && this.waiting.length) event.preventDefault(); });
    document.addEventListener("visibilitychange", () => { if (this.waiting.length) this.soon(0); });
    if (this.waiting.length) this.soon(0);
  }

  get length() { return this.waiting.length; }

  read() {
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith(this.prefix))
        .map((key) => ({ key, ...JSON.parse(localStorage.getItem(key)) })).sort((a, b) => a.order - b.order);
    } catch { return []; }
  }

  add(mark) {
    const order = Math.max(Date.now(), (this.waiting.at(-1)?.order ?? 0) + 1);
    const kept = { ...mark, order, key: `${this.prefix}${mark.id}` };
    this.waiting.push(kept);
    try { localStorage.setItem(kept.key, JSON.stringify({ ...mark, order })); this.kept = true; } catch { this.kept = false; }
    this.changed();
    this.soon(150); // quick fingers: several go together
  }

  /** Forget a mark that has never been sent; false where it may have arrived already. */
  drop(id) {
    const mark = this.waiting.find((one) => one.id === id);
    if (!mark || mark.tried) return false;
    this.forget(mark);
    this.changed();
    return true;
  }

  forget(mark) {
    this.waiting = this.waiting.filter((one) => one !== mark);
    try { localStorage.removeItem(mark.key); } catch { /* private window */ }
  }

  soon(after) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), after);
  }

  async send() {
    if (this.busy || !this.waiting.length) return;
    this.busy = true;
    const batch = this.waiting.slice(0, AT_ONCE);
    batch.forEach((mark) => { mark.tried = true; });
    const state = await this.post(batch);
    this.busy = false;
    this.state = state;
    this.failures = state ? this.failures + 1 : 0;
    this.changed();
    if (this.waiting.length) this.soon(state ? WAITS[Math.min(this.failures, WAITS.length) - 1] : 0);
  }

  /** "" when answered; otherwise what keeps it: "offline", "sign_in" or "server". */
  async post(batch) {
    try {
      const answer = await fetch(this.url, {
        method: "POST", cache: "no-store",
        headers: {
          "Content-Type": "application/json", Accept: "application/json",
          "X-CSRFToken": document.querySelector("meta[name=csrf-token]")?.content ?? "",
        },
        body: JSON.stringify({ person: this.person, marks: batch.map(({ key: _key, order: _order, tried: _tried, ...mark }) => mark) }),
        signal: AbortSignal.timeout(20000),
      });
      if (answer.status === 409) return "sign_in"; // another tab signed in as somebody else
      if (answer.status === 401 || answer.status === 400) return (await freshToken().catch(() => false)) ? "server" : "sign_in";
      const said = answer.ok ? await answer.json().catch(() => null) : null;
      if (said?.xuncha !== "marks") return "server"; // a hotel's sign-in page is no answer
      batch.forEach((mark, place) => { this.forget(mark); this.told(mark, said.results[place]); });
      return "";
    } catch { return "offline"; }
  }
}
