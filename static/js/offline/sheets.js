// Which checklists, and which of their items, a place is looked at for, where the server did not say so.
import { get } from "./store.js";

/** Whether an item is for such a place (app/checklists/rules.py, applies). */
const applies = (item, kind, highRise) =>
  (highRise || !(item.conditions ?? []).includes("high_rise")) && (!item.kinds?.length || item.kinds.includes(kind));

/** [{version_id, domain, item_ids}] of the chosen domains that the pack has a checklist of; `meta` of the pack or null. */
export async function sheetsFor(meta, domains, kind, highRise = false) {
  const found = [];
  for (const { version_id, domain } of meta?.checklists ?? []) {
    const sheet = domains.includes(domain) ? await get("pack", `sheet:${version_id}`) : null;
    if (!sheet || found.some((one) => one.domain === domain)) continue;
    const at = (id) => sheet.html.indexOf(`data-item="${id}"`); // in the order of the checklist
    const item_ids = Object.entries(sheet.items).filter(([, item]) => applies(item, kind, highRise)).map(([id]) => id).sort((one, other) => at(one) - at(other));
    if (item_ids.length) found.push({ version_id, domain, item_ids });
  }
  return found;
}
