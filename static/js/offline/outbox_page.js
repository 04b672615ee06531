// The outbox: per visit and per photo what waits, how often it was tried and why it is still here; and what to do about it.
import { make, say } from "../words.js";
import { filesize, notes, stateCard } from "./outbox_words.js";
import { pending, wake } from "./outbox.js";
import { photosOf } from "./photos.js";
import { saveRescueFile } from "./rescue.js";
import { here } from "./session.js";
import { hear } from "./signals.js";
import { all, available, change, get, setting } from "./store.js";

const SHORT = new Set(["offline", "portal", "half", "busy", "large", "server", "stale", "sign_in", "waits"]);
const isTold = (row) => row.fate === "late" || row.state === "conflict" || row.state === "held";

/** What was received in a way the person should know of; a conflict that a later version settled is none. */
function worthTelling(rows) {
  const past = new Set(rows.flatMap((row) => row.after));
  return rows.filter((row) => isTold(row) && !past.has(row.id));
}

const tag = (kind, text) => make("span", { class: `tag tag-${kind}` }, text);
const section = (title, aside) => make("div", { class: "section" }, make("h2", {}, title), make("span", { class: "aside" }, aside ?? ""));

function line({ title, sub, end, image, url, problem }) {
  const text = make("span", { class: "row-text" }, make("b", {}, title), ...[sub, problem].filter(Boolean).map((part) => make("small", {}, part)));
  const parts = [...(image ? [image] : []), text, ...(end ? [make("span", { class: "row-end" }, end)] : [])];
  return make("li", { class: "row" }, make(url ? "a" : "div", { class: "row-link", ...(url && { href: url }) }, ...parts));
}

/** Why a row is still here: the server's own words, else ours; what concerns the line is said at length at the top. */
export function reason({ last_error }) {
  if (!last_error) return "";
  return last_error.text || say(SHORT.has(last_error.kind) ? `box_short_${last_error.kind}` : `box_${last_error.kind}`);
}

const tries = (n) => (n > 1 ? say("box_tries", n) : "");
const joined = (...parts) => parts.filter(Boolean).join(" · ");

/** Changes of one kind in one line. */
function group(kind, rows) {
  const worst = rows.reduce((one, other) => (other.tries > one.tries ? other : one));
  return line({
    title: say(`box_kind_${kind}`), sub: joined(tries(worst.tries), rows.find((row) => row.last_error) && reason(rows.find((row) => row.last_error))),
    end: tag("soon", String(rows.length)),
  });
}

function photoLine(photo, number) {
  const image = make("img", { class: "row-shot", alt: "", width: 56, height: 56, ...(photo.thumb && { src: photo.thumb }) });
  const state = photo.sha256 ? `${Math.round((100 * photo.offset) / photo.size)} %` : say("box_preparing");
  return line({
    title: say("box_photo", number), sub: joined(filesize(photo.size), tries(photo.tries)), problem: reason(photo),
    image: photo.thumb ? image : make("span", { class: "row-shot" }), end: tag(photo.offset ? "info" : "soon", state),
  });
}

/** A row that the server did not take, with its reason; the person alone may remove it. */
function refusedLine(row) {
  const title = row.kind ? say(`box_kind_${row.kind}`) : `${say("box_photo", "")} ${row.name}`.trim();
  const confirm = make("details", { class: "confirm" }, make("summary", { class: "btn btn-quiet" }, say("box_aside")));
  const yes = make("button", { type: "button", class: "btn btn-danger" }, say("box_aside_yes"));
  yes.addEventListener("click", () => remove(row).then(show));
  confirm.append(make("div", { class: "confirm-body" }, make("p", {}, say("box_aside_sure")), yes));
  const item = line({ title, problem: reason(row) || say("box_refused"), end: tag("late", say("box_not_taken")) });
  item.append(confirm);
  return item;
}

const remove = (row) => change(["changes", "photos", "blobs", "thumbs"], "readwrite", (tx) => {
  for (const name of row.kind ? ["changes"] : ["photos", "blobs", "thumbs"]) tx.objectStore(name).delete(row.id);
});

function toldLine(row) {
  const words = row.state === "conflict" ? "box_conflict" : row.state === "held" ? "box_held" : "box_late";
  return line({
    title: say(`box_kind_${row.kind}`), problem: row.last_error?.text || say(words), end: tag("info", say("box_told")),
    url: row.inspection_id ? `/${row.kind === "report_new" ? "reports" : "inspections"}/${row.inspection_id}` : "",
  });
}

async function visitBlock(id, rows) {
  const visit = id && await get("visits", id);
  const photos = id ? await photosOf(id) : [];
  const kinds = grouped(rows.changes, (row) => row.kind);
  const waiting = photos.filter((photo) => photo.state === "waiting");
  const size = waiting.reduce((sum, photo) => sum + photo.size - photo.offset, 0);
  const name = visit?.premises?.name ?? (id ? say("box_visit") : say("box_no_place"));
  const list = make("ul", { class: "rows" });
  for (const row of rows.refused) list.append(refusedLine(row));
  for (const row of rows.told) list.append(toldLine(row));
  for (const [kind, same] of kinds) list.append(group(kind, same));
  for (const photo of waiting) list.append(photoLine(photo, photos.indexOf(photo) + 1));
  const count = rows.changes.length + waiting.length;
  return [section(name, joined(count ? say("box_left", count) : "", size ? filesize(size) : "")), list];
}

function grouped(rows, key) {
  const groups = new Map();
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), row]);
  return groups;
}

/** Everything of this person by visit: {visit id or null: {changes, photos, refused, told}}. */
export function byVisit({ changes, notices, photos, refused }, told) {
  const visits = new Map();
  const of = (row) => {
    const id = row.inspection_id ?? null;
    if (!visits.has(id)) visits.set(id, { changes: [], photos: [], refused: [], told: [] });
    return visits.get(id);
  };
  for (const row of [...changes, ...notices]) if (row.kind !== "photo_announced") of(row).changes.push(row);
  for (const row of photos) of(row).photos.push(row);
  for (const row of refused) of(row).refused.push(row);
  for (const row of told) of(row).told.push(row);
  return visits;
}

let shown = ""; // so that nothing moves under the thumb while nothing changed
async function show() {
  const person = await here();
  const waits = await pending(person);
  const told = worthTelling((await all("changes")).filter((row) => row.person === person?.id));
  const state = await setting("outbox");
  const received = (await all("photos", { index: "state", range: "received" })).filter((row) => row.person === person?.id).length;
  const locked = (await all("sealed")).some((row) => row.person !== person?.id);
  const visits = byVisit(waits, told);
  const { count } = waits;
  document.getElementById("outbox-state").replaceChildren(...stateCard(state, waits, locked));
  document.getElementById("outbox-send").closest(".foot").hidden = !count;
  for (const id of ["outbox-actions", "outbox-rescue"]) document.getElementById(id).hidden = !count && !waits.refused.length;
  document.getElementById("outbox-notes").replaceChildren(...await notes(received, locked));
  const now = JSON.stringify([...visits]);
  if (now === shown) return;
  shown = now;
  const blocks = await Promise.all([...visits].map(([id, rows]) => visitBlock(id, rows)));
  document.getElementById("outbox-list").replaceChildren(...blocks.flat());
}

let [showing, again] = [false, false];
async function refresh() {
  if (showing) { again = true; return; }
  showing = true;
  try { await show(); } finally { showing = false; }
  if (again) { again = false; refresh(); }
}

export async function start() {
  if (!await available()) {
    document.getElementById("outbox-state").replaceChildren(make("h2", {}, say("box_none")), make("p", {}, say("box_no_store")));
    return;
  }
  document.getElementById("outbox-send").addEventListener("click", () => wake({ force: true }));
  document.querySelector("[data-rescue]").addEventListener("click", async ({ currentTarget }) => {
    const place = document.getElementById("outbox-rescue");
    currentTarget.disabled = true;
    place.textContent = say("box_saving");
    await saveRescueFile().then(() => { place.textContent = say("box_saved"); }, (error) => { place.textContent = say("box_broken"); console.warn(error); });
    currentTarget.disabled = false;
  });
  for (const name of ["record", "photos", "outbox", "space"]) hear(name, refresh);
  setInterval(refresh, 10_000); // "next try in …"
  await refresh();
}
