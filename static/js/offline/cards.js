// The card of an item as the phone shows it: the server's markup, brought to the state that is recorded here.
import { make } from "../words.js";
import { dayWords } from "./days.js";
import { daysBetween, finding, firstWorkingDay, judgeAll, missing, workingDays } from "./rules.js";

export const BLANK_VISIT = "00000000-0000-4000-8000-000000000000";
export const BLANK_ITEM = "00000000-0000-4000-8000-000000000001";
const zh = () => document.documentElement.lang.startsWith("zh");

/** Write into a field unless the person is writing there now. */
function fill(field, value) {
  if (!field || field === document.activeElement) return;
  if (field.value !== value) field.value = value;
}

function check(fields, chosen) {
  for (const field of fields) field.checked = chosen.includes(field.value);
}

/** The finding part, made from the page's template for this severity when it is needed for the first time. */
function findingPart(card, item, visit) {
  const there = card.querySelector(":scope > .finding");
  if (there) return there;
  const blank = document.querySelector(`template[data-finding="${item.severity}"]`);
  const html = blank.innerHTML.replaceAll("@code@", item.code).replaceAll(BLANK_ITEM, card.dataset.item).replaceAll(BLANK_VISIT, visit.id);
  const part = Object.assign(document.createElement("div"), { innerHTML: html }).firstElementChild;
  const [chip] = part.querySelectorAll(".finding-note .chip");
  item.phrases.forEach((phrase, index) => {
    const own = chip.cloneNode(true);
    Object.assign(own.querySelector("input"), { value: String(index), id: `phrases-${item.code}-${index + 1}` });
    own.querySelector("span").textContent = phrase;
    chip.before(own);
  });
  if (!item.phrases.length) chip.closest("fieldset").hidden = true;
  chip.remove();
  const hint = [...part.querySelectorAll(".hint > span")].find((one) => one.textContent.includes("@deadline@"));
  if (hint) hint.textContent = item.deadline ? hint.textContent.replace("@deadline@", item.deadline) : "";
  card.append(part);
  window.htmx?.process(part);
  document.dispatchEvent(new CustomEvent("card:grown", { detail: part }));
  return part;
}

function showOutcome(part, state, item, visit) {
  const found = finding(state, item, visit.day);
  check(part.querySelectorAll("input[name=outcome]"), [found.outcome]);
  for (const place of part.querySelectorAll("[data-when]")) {
    const open = place.dataset.when.split(" ").includes(found.outcome);
    place.hidden = !open;
    if (place.tagName === "FIELDSET") place.disabled = !open;
  }
  for (const name of ["due_on", "refer_to", "guard", "refer_reason", "scene"]) {
    const field = part.querySelector(`[name=${name}]`);
    if (name === "due_on" && field) field.min = visit.day;
    fill(field, found[name] ?? "");
  }
  const words = part.querySelector(".due-words");
  if (!words) return;
  const due = found.due_on;
  words.textContent = due ? dueWords(due, visit) : "";
}

/** The date, how far it is, and what is to be known of it: a day of rest, a year whose holidays are not announced. */
function dueWords(due, visit) {
  const { words, free_days: free } = visit;
  const said = [dayWords(due), words.span.replace("{days}", daysBetween(visit.day, due)).replace("{working}", workingDays(visit.day, due, free))];
  if (free.includes(due)) said.push(words.rest.replace("{day}", dayWords(firstWorkingDay(due, free))));
  if ((visit.provisional_years ?? []).includes(Number(due.slice(0, 4)))) said.push(words.provisional.replace("{year}", due.slice(0, 4)));
  return said.join(" · ");
}

function showGaps(part, gaps, words) {
  const place = part.querySelector(".gaps");
  const tags = gaps.length ? gaps.map((gap) => make("span", { class: "tag tag-soon" }, words[gap])) : [make("span", { class: "tag tag-ok" }, words.complete)];
  place.replaceChildren(...tags.flatMap((tag) => [tag, " "]));
}

function showReadings(card, state, item) {
  const form = card.querySelector("form[data-records=readings]");
  if (!form || !state.readings) return;
  for (const [name, value] of Object.entries(state.readings)) fill(form.elements[name], value);
  const { verdicts } = judgeAll(item, state.readings, zh());
  for (const measure of item.measures) {
    const place = (form.elements[`value-${measure.key}`] ?? form.elements[`detected-${measure.key}`])?.closest(".measure");
    place?.querySelector(".tag")?.remove();
    const verdict = verdicts[measure.key];
    if (!verdict || verdict.problem) continue;
    place.append(make("span", { class: `tag tag-${verdict.conforms ? "ok" : "late"}` }, `${verdict.conforms ? "✓" : "✗"} ${verdict.text}`));
  }
  card.querySelector(".read-out")?.replaceChildren();
}

/** Bring `card` to `state` (changes.js: fold) with its photos {seen, after}. Gives what the finding still needs. */
export function showCard(card, state, item, photos, visit) {
  const bad = state.result === "does_not";
  const poor = bad || state.result === "partly" || state.result === "not_fixed";
  card.classList.toggle("item-bad", poor);
  card.classList.toggle("item-ok", Boolean(state.result) && !poor);
  for (const button of card.querySelectorAll("form[data-records=answer] [aria-pressed]")) {
    button.setAttribute("aria-pressed", String(button.value === (state.result ?? "")));
  }
  if (!(state.result && state.sweep)) card.querySelector(".item-title .tag-quiet")?.remove();
  showReadings(card, state, item);
  if (item.again) fill(card.querySelector("[name=note]"), state.note ?? "");
  if (!bad) return [];
  const part = findingPart(card, item, visit);
  fill(part.querySelector("[name=note]"), state.note ?? "");
  check(part.querySelectorAll("[name=phrases]"), (state.phrases ?? []).map(String));
  showOutcome(part, state, item, visit);
  const gaps = missing(state, item, photos, visit.day);
  showGaps(part, gaps, visit.words);
  return gaps;
}

/** Say beside the card what is wrong with what was typed. */
export function showCardProblem(card, text) {
  card.querySelector(":scope > .field-error")?.remove();
  card.querySelector(".item-title").after(make("p", { class: "field-error", role: "alert" }, text));
}
