// A place that was not taken along: its own page, looked at before and kept, says enough of it to begin a visit.
import { here } from "./session.js";
import { sheetsFor } from "./sheets.js";
import { get } from "./store.js";

/** The place as a row of the pack, of this person's kept page; null without one, or where a checklist is missing. */
export async function keptPlace(id) {
  const page = await keptPage(`/premises/${id}`);
  const said = page?.querySelector("form[data-begins][data-place]")?.dataset.place;
  if (!said) return null;
  const place = JSON.parse(said);
  const sheets = await sheetsFor(await get("pack", "meta"), place.domains, place.kind, place.high_rise);
  return sheets.length ? { ...place, sheets } : null;
}

async function keptPage(path) {
  const me = (await here())?.id;
  const names = me && globalThis.caches ? await caches.keys() : [];
  for (const name of names.filter((one) => one.startsWith("xuncha-pages-") && one.endsWith(me))) {
    const page = await (await caches.open(name)).match(path, { ignoreVary: true });
    if (page) return new DOMParser().parseFromString(await page.text(), "text/html");
  }
  return null;
}
