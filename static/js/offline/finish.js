// Signing and finishing on the phone: what is shown, what is still needed, and the one change that ends the visit.
import { showProblem } from "../errors.js";
import { make, say } from "../words.js";
import { recordAll } from "./changes.js";
import { announceRest } from "./photos.js";
import { finding } from "./rules.js";
import { StorageFull } from "./store.js";
import { untilSent } from "./waiting.js";

const PATIENCE = 4000; // ms to wait for the server before the phone shows its own page of the finished visit

const fill = (text, values) => Object.entries(values).reduce((whole, [name, value]) => whole.replace(`{${name}}`, value), text);

function row(url, title, sub, tag) {
  const text = make("span", { class: "row-text" }, make("b", {}, title), ...(sub ? [make("small", {}, sub)] : []));
  const link = make(url ? "a" : "div", { class: "row-link", ...(url && { href: url }) }, text, make("span", { class: "row-end" }, tag));
  return make("li", { class: "row" }, link);
}

/** Phrases, values and note of a finding in one line. */
export function factOf(visit, { item, state }) {
  const phrases = (state.phrases ?? []).map((index) => item.phrases[index]).filter(Boolean);
  const values = item.measures.map(({ key, unit }) => state.readings?.[`value-${key}`] && `${state.readings[`value-${key}`]} ${unit}`).filter(Boolean);
  return [...phrases, ...values, state.note?.trim()].filter(Boolean).join(visit.words.joint);
}

function rows(id, list) {
  const place = document.getElementById(id);
  if (!place) return;
  place.hidden = !list.length;
  place.querySelector(".rows").replaceChildren(...list);
}

/** Bring the page to what is recorded on this phone. */
export function showFinish(visit) {
  const total = visit.sheets.reduce((sum, sheet) => sum + sheet.item_ids.length, 0);
  const done = visit.sheets.reduce((sum, sheet) => sum + visit.answered(sheet), 0);
  const findings = visit.findings();
  const { words } = visit;
  document.getElementById("finish-summary").textContent = [
    fill(words.looked_at, { answered: done, total }), fill(words.findings, { n: findings.length }),
  ].join(" · ");
  const left = document.getElementById("finish-left");
  left.hidden = done === total;
  left.querySelector("p").textContent = fill(words.not_looked_at, { n: total - done });
  const tag = (kind, text) => make("span", { class: `tag tag-${kind}` }, text);
  const open = findings.filter((one) => one.gaps.length);
  const here = `/inspections/${visit.id}`;
  rows("finish-needed", open.map((one) => row(`${here}#item-${one.item.code}`, one.item.title, words[one.gaps[0]], tag("soon", words.complete_it))));
  rows("finish-findings", findings.filter((one) => !one.gaps.length).map((one) =>
    row("", one.item.title, factOf(visit, one), tag(one.item.severity === "A" ? "late" : "soon", words[finding(one.state, one.item, visit.day).outcome]))));
  for (const button of document.querySelectorAll("button[form=finish]")) button.disabled = open.length > 0 || done === 0;
}

/** What is missing for an end, in words; "" when nothing is. */
function problemOf(visit, fields) {
  if (!Object.values(visit.states).some((state) => state.result)) return visit.words.nothing;
  const open = visit.findings().find((one) => one.gaps.length);
  if (open) return `${open.item.title}: ${visit.words[open.gaps[0]]}`;
  if (fields.receipt === "refused") return fields.refusal_reason.trim() ? "" : visit.words.refusal;
  return fields.signature && fields.signer_name.trim() ? "" : visit.words.signature;
}

/** Record the end of the visit, then show its record: the server's if it has it already, else the phone's. */
export async function finishVisit(visit, form) {
  const { conclusion = "", receipt = "", signer_name = "", signature = "", refusal_reason = "", witness = "" } = Object.fromEntries(new FormData(form));
  const fields = { conclusion, receipt, signer_name, signature: receipt === "signed" ? signature : "", refusal_reason, witness };
  const problem = problemOf(visit, fields);
  if (problem) { showProblem(problem); return false; }
  if (visit.finished) { location.assign(`/inspections/${visit.id}`); return true; }
  try {
    await announceRest().catch((error) => console.warn("photos", error)); // what is announced now is signed, too
    const [change] = await recordAll([{ kind: "finish", inspection_id: visit.id, fields }]);
    for (const button of document.querySelectorAll("button[form=finish]")) button.disabled = true;
    await untilSent(async () => {
      await visit.refresh();
      return visit.changes.find((one) => one.id === change.id)?.state !== "waiting";
    }, PATIENCE);
  } catch (error) {
    console.error("not kept", error);
    showProblem(say(error instanceof StorageFull ? "phonefull" : "notkept"));
    return false;
  }
  location.assign(`/inspections/${visit.id}`);
  return true;
}
