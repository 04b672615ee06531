// The page of a visit that began on this phone: the server's shell, filled from the patrol pack.
import { make } from "../words.js";
import { BLANK_ITEM, BLANK_VISIT } from "./cards.js";
import { get } from "./store.js";

const ID = /^\/inspections\/([0-9a-f-]{36})/;

/** The local ISO day of a moment in ms. */
const dayOf = (at) => {
  const moment = new Date(at);
  return [moment.getFullYear(), String(moment.getMonth() + 1).padStart(2, "0"), String(moment.getDate()).padStart(2, "0")].join("-");
};

/** A visit's blank cards in the order of its sheet, with its own id. */
function cardsOf(html, sheet, id) {
  const holder = Object.assign(document.createElement("div"), { innerHTML: html.replaceAll(BLANK_VISIT, id) });
  return sheet.item_ids.map((item) => holder.querySelector(`article[data-item="${item}"]`)).filter(Boolean);
}

function heading(sheet, index) {
  return make("div", { class: "section" }, make("h2", { id: `sheet-${index + 1}` }, sheet.title), make("span", { class: "aside" }));
}

/**
 * The data of the visit at this address from the phone's store, its cards put into the page; null where the phone
 * knows nothing of it, {lacking: true} where the pack no longer has its checklist.
 */
export async function compose(shell) {
  const id = ID.exec(location.pathname)?.[1];
  const known = id && (await get("visits", id));
  if (!known) return null;
  const sheets = await Promise.all(known.sheets.map((sheet) => known.again ?? get("pack", `sheet:${sheet.version_id}`)));
  if (sheets.some((sheet) => !sheet)) return { lacking: true };
  const place = document.getElementById("cards");
  known.sheets.forEach((sheet, index) => {
    place?.append(heading(sheet, index), ...cardsOf(sheets[index].html, sheet, id));
  });
  for (const link of document.querySelectorAll(`a[href*="${BLANK_VISIT}"]`)) link.href = link.getAttribute("href").replace(BLANK_VISIT, id);
  for (const name of document.querySelectorAll("[data-premises-name]")) name.textContent = known.premises.name;
  for (const link of document.querySelectorAll(`a[href*="${BLANK_ITEM}"]`)) link.href = link.getAttribute("href").replace(BLANK_ITEM, known.premises_id);
  const signer = document.getElementById("signer_name");
  if (signer && !signer.value) signer.value = known.premises.person_in_charge ?? "";
  document.title = `${known.premises.name} · ${document.title}`;
  window.htmx?.process(document.getElementById("main"));
  const shown = new Set(known.sheets.flatMap((sheet) => sheet.item_ids)); // others of the checklist are for other kinds of places
  const items = sheets.flatMap((sheet) => Object.entries(sheet.items)).filter(([item]) => shown.has(item));
  return {
    ...shell, id, premises: { ...known.premises, id: known.premises_id }, started_at: known.started_at, day: dayOf(known.started_at),
    parent_id: known.parent_id, sheets: known.sheets, items: Object.fromEntries(items), answers: known.base ?? null,
    photos: known.photos ?? [], made_here: true,
  };
}
