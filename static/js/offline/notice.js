// A notice issued on the phone: under a number reserved for it, with the code the owner can scan at once.
import { showProblem } from "../errors.js";
import { newId } from "../ids.js";
import { make, say } from "../words.js";
import { CHANGE_STORES, recordIn } from "./changes.js";
import { dayWords } from "./days.js";
import { factOf } from "./finish.js";
import { finding } from "./rules.js";
import { tell } from "./signals.js";
import { StorageFull, all, ask, change, get } from "./store.js";

const part = (name) => document.getElementById(`notice-${name}`);
const show = (...names) => { for (const name of ["unfinished", "nothing", "nonumber", "here", "issued", "foot"]) part(name).hidden = !names.includes(name); };

/** The id that every device derives from `parent` and `name` (RFC 9562 version 5), as app/core/ids.py. */
export async function derivedId(parent, name) {
  const space = Uint8Array.from(parent.replaceAll("-", "").match(/../g), (pair) => parseInt(pair, 16));
  const bytes = new Uint8Array([...space, ...new TextEncoder().encode(name)]);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-1", bytes)).slice(0, 16);
  hash[6] = (hash[6] & 0x0f) | 0x50;
  hash[8] = (hash[8] & 0x3f) | 0x80;
  const hex = [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const findingId = async (visit, item) => derivedId(await derivedId(visit, item), "finding");

/** A free number of this kind that is still valid. */
const freeNumber = (numbers, kind) =>
  numbers.find((one) => one.kind === kind && one.state === "free" && !(Date.parse(one.expires_at) < Date.now())) ?? null;

function findingRow(visit, one) {
  const found = finding(one.state, one.item, visit.day);
  const when = found.due_on ? dayWords(found.due_on) : visit.words[found.outcome];
  const input = make("input", { type: "checkbox", name: "items", value: one.id, checked: "" });
  const text = make("span", {}, make("b", {}, factOf(visit, one) || one.item.title), make("span", { class: "soft" }, one.item.title), make("br"), make("span", { class: "num" }, when));
  return make("div", { class: "card choice" }, make("label", { class: "tick" }, input, text));
}

function kindRow(kind, index) {
  const input = make("input", { type: "radio", name: "kind", value: kind.key, ...(index === 0 && { checked: "" }) });
  return make("label", { class: "tick" }, input, make("span", {}, make("b", {}, kind.title)));
}

function showNext(numbers, form) {
  const number = freeNumber(numbers, new FormData(form).get("kind"));
  part("next").textContent = number?.number ?? "";
  document.querySelector("button[form=notice-here]").disabled = !number;
  part("nonumber").hidden = Boolean(number);
}

async function showIssued({ number, url }) {
  const { renderSVG } = await import("../../vendor/uqr.js");
  show("issued");
  part("number").textContent = number;
  part("code").innerHTML = renderSVG(url, { ecc: "M", border: 4 });
}

/** Fill the page for `visit`; called whenever the phone's record was read again. */
export async function showNotice(visit) {
  const issued = visit.changes.findLast((one) => one.kind === "notice_issue" && one.state !== "refused");
  if (issued) { await showIssued(issued.fields); return; }
  if (!visit.finished) { show("unfinished"); return; }
  const findings = visit.findings();
  if (!findings.length) { show("nothing"); return; }
  const form = part("here");
  if (!form.hidden) return; // chosen in already
  const domains = new Set(visit.sheets.filter((sheet) => sheet.item_ids.some((id) => findings.some((one) => one.id === id))).map((sheet) => sheet.domain));
  const kinds = ((await get("pack", "meta"))?.notice_kinds ?? []).filter((kind) => !kind.domains || kind.domains.some((domain) => domains.has(domain)));
  const numbers = await all("numbers");
  if (!kinds.some((kind) => freeNumber(numbers, kind.key))) { show("nonumber"); return; }
  part("findings").replaceChildren(...findings.map((one) => findingRow(visit, one)));
  part("kinds").replaceChildren(...kinds.map(kindRow));
  form.addEventListener("change", () => showNext(numbers, form));
  show("here", "foot");
  showNext(numbers, form);
}

/** Use up the number and record the notice: both or neither. */
export async function issueNotice(visit, form) {
  const data = new FormData(form);
  const items = data.getAll("items");
  if (!items.length) { showProblem(say("nofinding")); return; }
  const findings = await Promise.all(items.map((item) => findingId(visit.id, item)));
  try {
    const fields = await change([...CHANGE_STORES, "numbers", "notices"], "readwrite", async (tx) => {
      const numbers = tx.objectStore("numbers");
      const free = freeNumber(await ask(numbers.getAll()), data.get("kind"));
      if (!free) return null;
      const made = { notice_id: newId(), number: free.number, token: free.token, url: free.url, kind: free.kind, findings, issued_on_device_at: new Date().toISOString() };
      const row = await recordIn(tx, { kind: "notice_issue", inspection_id: visit.id, fields: made });
      numbers.put({ ...free, state: "used" });
      tx.objectStore("notices").put({ id: made.notice_id, person: row.person, inspection_id: visit.id, ...made });
      return made;
    });
    if (!fields) { show("nonumber"); return; }
    tell("record", { visits: [visit.id] });
    await showIssued(fields);
  } catch (error) {
    console.error("not kept", error);
    showProblem(say(error instanceof StorageFull ? "phonefull" : "notkept"));
  }
}
