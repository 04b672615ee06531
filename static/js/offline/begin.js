// A visit begins on the phone when the pack holds the place and its checklists; else the server begins it.
import { newId } from "../ids.js";
import { currentPosition } from "../position.js";
import { CHANGE_STORES, recordIn } from "./changes.js";
import { here } from "./session.js";
import { tell } from "./signals.js";
import { all, available, change, get } from "./store.js";
import { untilSent } from "./waiting.js";

const PATIENCE = 2500; // ms for the server to hear of it first

/** What the pack says of a place: its row and the sheets of `domains` (all of the place when empty); null if it lacks any. */
async function fromPack(premises_id, domains) {
  const place = await get("premises", premises_id);
  if (!place) return null;
  const wanted = place.sheets.filter((sheet) => !domains.length || domains.includes(sheet.domain));
  const sheets = await Promise.all(wanted.map((sheet) => get("pack", `sheet:${sheet.version_id}`)));
  if (!wanted.length || sheets.some((sheet) => !sheet)) return null;
  return { place, sheets: wanted.map((sheet, index) => ({ ...sheet, domain: sheets[index].domain, title: sheets[index].title })) };
}

/** Begin a visit of a place of the pack; gives its id, or null where the pack does not suffice. */
export async function beginVisit({ premises_id, domains = [], fellows = [] }) {
  const found = await fromPack(premises_id, domains);
  if (!found) return null;
  const { place, sheets } = found;
  const [id, at] = [newId(), currentPosition()];
  const fields = {
    premises_id, domains: sheets.map((sheet) => sheet.domain), fellows, latitude: at?.latitude ?? null, longitude: at?.longitude ?? null,
    accuracy_m: at?.accuracy ?? null, sheets: sheets.map(({ version_id, item_ids }) => ({ version_id, item_ids })),
  };
  await change(CHANGE_STORES, "readwrite", async (tx) => {
    const row = await recordIn(tx, { kind: "visit_start", inspection_id: id, fields });
    tx.objectStore("visits").put({
      id, person: row.person, premises_id, premises: { name: place.name, person_in_charge: place.person_in_charge ?? "" }, sheets,
      started_at: row.device_at, status: "open", made_here: true, base: null,
    });
  });
  tell("record", { visits: [id] });
  return id;
}

/** Whether the start of visit `id` has left this phone. */
async function isSent(id) {
  const rows = await all("changes", { index: "visit", range: id });
  return !rows.some((one) => one.kind === "visit_start" && one.state === "waiting");
}

async function onSubmit(event) {
  const form = event.target;
  if (!form.matches?.("form[data-begins]") || form.dataset.direct) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const data = new FormData(form);
  let id = null;
  try {
    if ((await available()) && (await here())) {
      id = await beginVisit({ premises_id: data.get("premises_id"), domains: data.getAll("domains"), fellows: data.getAll("fellows") });
    }
  } catch (error) {
    console.warn("begin", error);
  }
  if (!id) { form.dataset.direct = "yes"; form.requestSubmit(event.submitter); return; }
  await untilSent(() => isSent(id), PATIENCE);
  location.assign(`/inspections/${id}`);
}

window.addEventListener("submit", onSubmit, true);
export function start() {}
