// A place of the pack on its own page: by its id, or by the code at its door.
import { openVisit } from "./begin.js";
import { BLANK_VISIT } from "./cards.js";
import { places } from "./packed.js";

const ADDRESS = /^\/(premises|d)\/([A-Za-z0-9_-]+)$/;

async function placeHere() {
  const [, kind, id] = ADDRESS.exec(location.pathname) ?? [];
  return (await places()).find((place) => (kind === "premises" ? place.id : place.door_token) === id);
}

function notHere() {
  if (document.documentElement.dataset.offline === "missing") { location.replace(`${location.pathname}?direct=1`); return; }
  document.getElementById("not-here").hidden = false;
}

function showFoot(root, place, running) {
  const foot = document.getElementById("file-foot");
  for (const input of foot.querySelectorAll(`input[value="${BLANK_VISIT}"]`)) input.value = place.id;
  for (const link of foot.querySelectorAll(`a[href*="${BLANK_VISIT}"]`)) link.href = link.getAttribute("href").replace(BLANK_VISIT, place.id);
  if (running) {
    const link = Object.assign(document.createElement("a"), { className: "btn", href: `/inspections/${running.id}`, textContent: root.dataset.continue });
    foot.replaceChildren(link);
  }
  foot.hidden = false;
}

export async function start() {
  const root = document.querySelector("[data-shell=file]");
  if (!root || root.dataset.started) return;
  root.dataset.started = "yes";
  const place = await placeHere();
  if (!place) { notHere(); return; }
  for (const name of document.querySelectorAll("[data-premises-name]")) name.textContent = place.name;
  document.title = `${place.name} · ${document.title.split(" · ").at(-1)}`;
  document.getElementById("file").innerHTML = place.html; // made and escaped by our own templates
  window.htmx?.process(document.getElementById("file"));
  showFoot(root, place, await openVisit(place.id));
}
