// Who comes along, and what is looked at, chosen on the phone.
import { keptPlace } from "./kept_place.js";
import { get } from "./store.js";

const ADDRESS = /^\/premises\/([0-9a-f-]{36})\/visit$/;

/** Those whose area holds the place; a place registered on this phone lies in one's own organisation's. */
const companyFor = (place, colleagues) => colleagues.filter(({ area, own }) => (place.areas ? place.areas.includes(area) : own));

/** Chips in place of the blank one; `options` [[value, text]]. */
function showChips(part, options, checked) {
  const blank = part.querySelector(".chip");
  blank.replaceWith(...options.map(([value, text], index) => {
    const chip = blank.cloneNode(true);
    const input = chip.querySelector("input");
    Object.assign(input, { value, checked, id: `${input.name}-${index + 1}` });
    chip.querySelector("span").textContent = text;
    return chip;
  }));
}

export async function start() {
  const root = document.querySelector("[data-shell=together]");
  if (!root || root.dataset.started) return;
  root.dataset.started = "yes";
  const id = ADDRESS.exec(location.pathname)?.[1];
  const place = id && ((await get("premises", id)) ?? (await keptPlace(id)));
  if (!place) {
    if (document.documentElement.dataset.offline === "missing") location.replace(`${location.pathname}?direct=1`);
    document.getElementById("not-here").hidden = false;
    return;
  }
  const meta = await get("pack", "meta");
  const words = root.dataset.title.replace("{name}", place.name);
  document.querySelector("h1").textContent = words;
  document.title = `${words} · ${document.title.split(" · ").at(-1)}`;
  const form = document.getElementById("start");
  form.elements.premises_id.value = place.id;
  const named = new Map((meta?.domains ?? []).map(({ key, name }) => [key, name]));
  showChips(document.getElementById("which"), place.sheets.map(({ domain }) => [domain, named.get(domain) ?? domain]), true);
  const company = companyFor(place, meta?.colleagues ?? []);
  showChips(document.getElementById("whom"), company.map((one) => [one.id, one.name]), false);
  document.getElementById("whom").hidden = !company.length;
  document.getElementById("nobody").hidden = company.length > 0;
  form.hidden = document.getElementById("go").hidden = false;
  document.querySelector("a.back")?.setAttribute("href", `/premises/${place.id}`);
}
