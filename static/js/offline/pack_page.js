// "Prepare for offline": how the pack stands, what it should hold, and one button.
import { announce, make } from "../words.js";
import { momentWords, sizeWords } from "./moments.js";
import { askHere, choiceOf, showChoice } from "./pack_choice.js";
import { carryOn, plan, prepare, status } from "./pack.js";
import { hear } from "./signals.js";
import { keepForGood, space } from "./space.js";
import { available } from "./store.js";

const byId = (id) => document.getElementById(id);
let words = {};
let planned = null; // what the server says the present choice brings
let busy = false;

const many = (key, n, more = {}) => Object.entries({ n, ...more }).reduce((text, [name, value]) => text.replace(`{${name}}`, value), words[key]);

function problem(text) {
  byId("pack-problem").textContent = text;
  byId("pack-problem").hidden = !text;
}

/** A Trouble or a full phone in words. */
function explain(error) {
  if (error?.name === "StorageFull") return words.full;
  return { offline: words.offline, portal: words.offline, sign_in: words.sign_in }[error?.kind] ?? words.broken;
}

function showProgress({ step, done = 0, total = 1 }) {
  const bar = byId("pack-loading").querySelector("progress");
  byId("pack-loading").hidden = false;
  if (step === "places") Object.assign(bar, { value: done, max: total || 1 });
  const text = step === "places" ? many("loading", "", { done, total }) : words[step];
  byId("pack-loading").querySelector("small").textContent = text;
}

function missingTags(state) {
  const { meta, missing, sheets_missing: sheets, numbers, changed } = state;
  const tags = [];
  if (missing) tags.push(["late", many("missing_places", missing)]);
  if (sheets) tags.push(["late", many("missing_sheets", sheets)]);
  if (changed) tags.push(["soon", words.changed]);
  for (const { key, title } of meta.notice_kinds) tags.push([numbers[key] < meta.least_numbers ? "soon" : "ok", many("numbers", numbers[key], { kind: title })]);
  if (!meta.notice_kinds.length) tags.push(["quiet", words.no_kinds]);
  return tags.map(([kind, text]) => make("span", { class: `tag tag-${kind}` }, text));
}

function showState(state) {
  const { meta, next, have, missing, sheets_missing: sheets, bytes, stale } = state;
  byId("pack-facts").hidden = byId("pack-missing").hidden = !meta;
  if (!meta) {
    byId("pack-title").textContent = next ? words.lacking : words.none;
    byId("pack-age").textContent = words.none_hint;
    return;
  }
  byId("pack-title").textContent = missing || sheets ? words.lacking : stale ? words.old : words.ready;
  byId("pack-facts").textContent = `${many("places", have)} · ${sizeWords(bytes)}`;
  byId("pack-age").textContent = many("as_of", momentWords(meta.made_at_ms));
  byId("pack-missing").replaceChildren(...missingTags(state));
}

function showButton(state) {
  const button = byId("pack-go");
  const count = planned?.ids.length ?? state.meta?.ids.length ?? 0;
  const same = planned && state.meta && planned.ids.length === state.meta.ids.length && planned.ids.every((id) => state.meta.ids.includes(id));
  button.querySelector("span").textContent = state.next ? words.carry_on : !count && planned ? words.nothing : same || (!planned && state.meta) ? words.refresh : many("prepare", count);
  button.disabled = busy || !navigator.onLine || (planned !== null && !count);
  byId("pack-together").textContent = planned ? many("together", count, { most: planned.most }) : "";
}

async function show() {
  const state = await status();
  showState(state);
  showButton(state);
  return state;
}

let asked = 0;
/** Ask the server what the choice brings; null lets it choose. `first`: nobody has touched the form yet. */
async function reckon(choice, first = false) {
  const mine = (asked += 1);
  try {
    const answer = await plan(choice);
    if (mine !== asked) return; // a later choice is on its way
    planned = answer;
    problem("");
    showChoice(planned, first);
  } catch (error) {
    if (mine !== asked) return;
    planned = null;
    problem(explain(error));
  }
  await show();
}

async function go() {
  busy = true;
  byId("pack-go").disabled = true;
  problem("");
  try {
    const { next, meta } = await status();
    const choice = planned ? choiceOf() : meta?.choice ?? null; // tapped before the form was filled: what is sensible
    const done = await (next ? carryOn(showProgress) : prepare(choice, showProgress));
    if (done) announce(many("done", done.have));
    await keepForGood();
    if ((await space()).low) problem(words.low);
  } catch (error) {
    console.warn("pack", error);
    problem(explain(error));
  } finally {
    busy = false;
    byId("pack-loading").hidden = true;
    await show();
  }
}

export async function start() {
  const root = document.querySelector("[data-pack]");
  if (!root || root.dataset.started) return;
  root.dataset.started = "yes";
  words = JSON.parse(byId("pack-words").textContent);
  if (!navigator.serviceWorker || !(await available())) { // a private window, or opened by http
    byId("pack-title").textContent = words.none;
    problem(words.unable);
    return;
  }
  hear("pack", () => { if (!busy) show(); });
  window.addEventListener("online", () => reckon(choiceOf()));
  window.addEventListener("offline", show);
  byId("pack-go").addEventListener("click", go);
  byId("pack-choice").addEventListener("submit", (event) => event.preventDefault());
  const state = await show();
  if (state.meta) showChoice(state.meta, true);
  askHere(words, reckon, problem);
  if (navigator.onLine) await reckon(state.next?.choice ?? state.meta?.choice ?? null, true);
  else problem(words.offline);
}
