// A visit finished on this phone whose end the server may not have yet: readable, no longer to be written in.
import { make, say } from "../words.js";
import { timeWords } from "./days.js";

/** Show that `visit` is finished; once the server has it, its own page of the record takes over. */
export function showEnded(visit) {
  const { finished, words } = visit;
  if (!finished) { showRefusal(visit); return; }
  if (finished.state === "sent" && visit.open && navigator.onLine && !visit.made_here) { location.reload(); return; }
  const main = document.getElementById("main");
  for (const form of main.querySelectorAll("form")) form.inert = true;
  if (!document.getElementById("finished-here")) {
    const text = make("div", {}, make("strong", {}, words.finished_here.replace("{time}", timeWords(finished.device_at))), make("p", {}, words.on_the_way));
    main.prepend(make("div", { class: "note note-ok", id: "finished-here" }, text));
  }
  const foot = document.getElementById("next-step");
  if (!foot || foot.dataset.ended) return;
  foot.dataset.ended = "yes";
  const findings = visit.findings().length;
  const summary = visit.parent_id ? make("div", { class: "foot-text" }, make("b", {}, words.again), make("small", {}, words.on_the_way)) : make("div", { class: "foot-text" }, make("b", {}, findings ? words.findings.replace("{n}", findings) : words.none), make("small", {}, words.not_on_notice));
  const next = make("a", { class: "btn", href: findings ? `/inspections/${visit.id}/notice` : "/" }, make("span", {}, findings ? words.make_notice : words.to_start));
  foot.replaceChildren(summary, next);
}

/** The server said no to the end: its words, and the visit goes on. */
function showRefusal(visit) {
  const refused = visit.changes.filter((one) => one.kind === "finish" && one.state === "refused").at(-1);
  if (!refused || document.getElementById("not-finished")) return;
  const words = refused.last_error?.text || say("refused");
  document.getElementById("main").prepend(make("div", { class: "note note-bad", id: "not-finished", role: "alert" }, make("p", {}, words)));
}
