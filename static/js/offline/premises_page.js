// The register as far as this phone has it: searched as one types, or the nearest first.
import { nearest, places, search } from "./packed.js";
import { placeRow } from "./rows.js";

const PAGE = 30;
const byId = (id) => document.getElementById(id);

function position() {
  return new Promise((done) => {
    if (!navigator.geolocation) { done(null); return; }
    navigator.geolocation.getCurrentPosition(({ coords }) => done(coords), () => done(null), { maximumAge: 120_000, timeout: 15_000 });
  });
}

export async function start() {
  const root = document.querySelector("[data-shell=premises]");
  if (!root || root.dataset.started) return;
  root.dataset.started = "yes";
  const all = await places();
  const [field, list, more, near] = ["pack-query", "pack-list", "pack-more", "nearest"].map(byId);
  let [shown, found, here] = [PAGE, [], null];

  function show() {
    list.replaceChildren(...found.slice(0, shown).map(({ place, metres }) => placeRow(place, root.dataset, metres)));
    list.hidden = !found.length;
    more.hidden = found.length <= shown;
    byId("none-found").hidden = found.length > 0 || !all.length;
    byId("no-pack").hidden = all.length > 0;
    byId("pack-count").textContent = all.length ? root.dataset.count.replace("{n}", all.length) : "";
  }

  function look() {
    shown = PAGE;
    const rows = search(all, field.value);
    found = here ? nearest(rows, here) : rows.map((place) => ({ place, metres: null }));
    show();
  }

  field.value = new URLSearchParams(location.search).get("q") ?? "";
  field.addEventListener("input", look);
  field.form.addEventListener("submit", (event) => { event.preventDefault(); look(); });
  more.addEventListener("click", () => { shown += PAGE; show(); });
  near.addEventListener("click", async () => {
    here = here ? null : await position();
    near.setAttribute("aria-pressed", String(Boolean(here)));
    look();
  });
  look();
}
