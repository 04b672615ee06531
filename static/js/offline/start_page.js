// The start page from the phone: what to go on with, and where to go next.
import { currentPosition } from "../position.js";
import { changesOf, fold } from "./changes.js";
import { nearDay } from "./moments.js";
import { nearest, places, waitingLongest } from "./packed.js";
import { placeRow, row } from "./rows.js";
import { here } from "./session.js";
import { all } from "./store.js";

const FEW = 5;

async function visitRow(visit, words) {
  const changes = await changesOf(visit.id);
  const states = fold(visit.base, changes);
  const items = (visit.sheets ?? []).flatMap((sheet) => sheet.item_ids);
  const answered = items.filter((id) => states[id]?.result).length;
  const ended = changes.some((one) => one.kind === "finish" && one.state !== "refused");
  const line = [nearDay(visit.started_at), words.answered.replace("{answered}", answered).replace("{total}", items.length)].join(" · ");
  return row(`/inspections/${visit.id}`, visit.premises?.name ?? "", [line], ended ? `✓ ${words.finished}` : words.open);
}

async function showVisits(words) {
  const me = (await here())?.id;
  const own = new Set((await all("changes")).filter((one) => one.person === me).map((one) => one.inspection_id));
  const mine = (await all("visits")).filter((visit) => visit.status === "open" && (visit.person === me || own.has(visit.id)));
  mine.sort((one, other) => other.started_at - one.started_at);
  const part = document.getElementById("mine");
  part.querySelector("ul").replaceChildren(...(await Promise.all(mine.slice(0, 20).map((visit) => visitRow(visit, words)))));
  part.hidden = !mine.length;
}

function showPlaces(rows, words, at) {
  const part = document.getElementById("places");
  const close = at ? nearest(rows, at).slice(0, FEW) : [];
  const list = close.length ? close : waitingLongest(rows).slice(0, FEW).map((place) => ({ place, metres: null }));
  document.getElementById("places-title").textContent = close.length ? words.near : words.waiting;
  part.querySelector("ul").replaceChildren(...list.map(({ place, metres }) => placeRow(place, words, metres)));
  part.hidden = !list.length;
}

export async function start() {
  const root = document.querySelector("[data-shell=start]");
  if (!root || root.dataset.started) return;
  root.dataset.started = "yes";
  const words = root.dataset;
  await showVisits(words);
  const rows = await places();
  document.getElementById("no-pack").hidden = rows.length > 0;
  showPlaces(rows, words, currentPosition());
  const asked = Date.now();
  const timer = setInterval(() => { // position.js asks the phone meanwhile
    if (currentPosition()) showPlaces(rows, words, currentPosition());
    if (currentPosition() || Date.now() - asked > 20_000) clearInterval(timer);
  }, 500);
}
