// The sender: takes what waits on this phone to the server, small things first, until nothing waits. It tries again by
// itself for ever, with longer and longer pauses, and at once when something says that the line is back.
import { canSeal, hasKey, keepKey, openOwn, seal } from "./sealing.js";
import { depositing, keepToken } from "./deposit.js";
import { exclusively } from "./lock.js";
import { Trouble, line, ping } from "./net.js";
import { failedPhoto, sendPhoto } from "./send_photos.js";
import { sendChanges } from "./send_changes.js";
import { announceRest } from "./photos.js";
import { arrived, here } from "./session.js";
import { hear, tell } from "./signals.js";
import { StorageFull, all, available, device, setSetting, setting } from "./store.js";
import { tidy } from "./tidy.js";

const LONGEST = 300_000; // ms
const FRESH = 20_000; // ms a ping holds
const RARELY = 300_000; // ms between pings while nothing waits
const OWN = new Set(["waits", "gone", "damaged", "refused", "large"]); // trouble of one photo, not of the line
const BREAKS = new Set(["offline", "half"]); // trouble of the line itself

const fails = new Map(); // kind of trouble -> how often in a row
const notBefore = new Map(); // id of a row -> when it is tried again
let [running, again, timer, next, tried, pinged] = [false, false, 0, 0, 0, 0];
let session = null;
let before = { ...line };

/** Milliseconds until the `n`th repetition; `after` seconds if the server asked for a pause. */
export const pause = (n, after = 0, random = Math.random()) =>
  Math.max(after * 1000, Math.min(LONGEST, 1000 * 2 ** (n - 1) * (0.75 + random / 2)));

async function show(kind, facts = {}) {
  const state = { kind, text: "", next_at: null, at: Date.now(), ...facts };
  await setSetting("outbox", state);
  tell("outbox", state);
}

/** What waits for the person of this phone: rows {changes, notices, photos, refused}; `count` without what only announces photos. */
export async function pending(person) {
  const mine = (rows) => rows.filter((row) => row.person === person?.id);
  const [changes, photos] = await Promise.all(["changes", "photos"].map((name) => all(name, { index: "state", range: "waiting" }).then(mine)));
  const refused = await Promise.all(["changes", "photos"].map((name) => all(name, { index: "state", range: "refused" }).then(mine)));
  changes.sort((one, other) => one.seq - other.seq);
  photos.sort((one, other) => one.size - other.size);
  const isNotice = (row) => row.kind === "notice_issue";
  const count = changes.filter((row) => row.kind !== "photo_announced").length + photos.length; // as people count
  return { changes: changes.filter((row) => !isNotice(row)), notices: changes.filter(isNotice), photos, refused: refused.flat(), count };
}

const left = ({ changes, notices, photos }) => changes.length + notices.length + photos.length;

/** A ping not older than FRESH: who is signed in, and a fresh CSRF token. */
async function greet() {
  if (session && Date.now() - pinged < FRESH) return session;
  const id = await device();
  const data = await ping(id);
  pinged = Date.now();
  if (!data.person) return withoutSession(id, data);
  if (await arrived(data.person, data.server_time_ms)) tell("outbox");
  await keepKey(data);
  await keepToken(data);
  await openOwn(data.person.id);
  session = { device: id, person: data.person, csrf: data.csrf, url: "/sync/changes", photos: "/sync/photos/", headers: {} };
  return session;
}

/** Nobody is signed in: whoever works here must, unless the account is closed and its work can be handed in. */
async function withoutSession(id, data) {
  const person = await here();
  session = person && await depositing(person, id);
  if (!session) throw new Trouble("sign_in", { data });
  return session;
}

const ready = (row) => (notBefore.get(row.id) ?? 0) <= Date.now();

async function sendReady(rows) {
  const { sent, later } = await sendChanges(rows.filter(ready), session);
  for (const id of later) notBefore.set(id, Date.now() + pause(1 + (rows.find((row) => row.id === id)?.tries ?? 0)));
  if (sent || later.length) tell("outbox");
  return sent;
}

async function sendOne(photo) {
  try {
    await sendPhoto(photo, session);
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    await failedPhoto(photo, error);
    if (!OWN.has(error.kind)) throw error;
    notBefore.set(photo.id, Date.now() + pause(photo.tries + 1));
  }
  tell("outbox");
}

/** A notice goes as soon as all of its visit is known to the server, its photos by their hashes: the owner waits for it. */
async function sendNotices() {
  const { changes, notices, photos } = await pending(session.person);
  const unknown = new Set([...changes, ...photos.filter((row) => !row.sha256)].map((row) => row.inspection_id));
  await sendReady(notices.filter((row) => !unknown.has(row.inspection_id)));
}

/** Small things first: whatever is recorded meanwhile goes before the next photo. */
async function drain() {
  for (;;) {
    await greet();
    const waits = await pending(session.person);
    await sendReady(waits.changes);
    if (waits.notices.length) await sendNotices();
    const photo = waits.photos.find((row) => row.sha256 && ready(row));
    if (photo) { await sendOne(photo); continue; }
    const rest = await pending(session.person);
    if (![...rest.changes, ...rest.photos.filter((row) => row.sha256)].some(ready)) return rest;
  }
}

/** Nothing waits, the server was asked a moment ago by this page or another, and this person's work could be locked. */
async function quiet(person) {
  if (person && canSeal() && !await hasKey(person)) return false;
  if (pinged !== null) pinged = Math.max(pinged, (await setting("outbox"))?.pinged ?? 0);
  return Date.now() - pinged < RARELY;
}

async function turn() {
  tried = Date.now();
  try {
    await seal();
    const person = await here();
    const waits = left(await pending(person));
    if (!waits && await quiet(person)) return await show("ok", { pinged });
    if (waits) await show("sending");
    await greet();
    const rest = await drain();
    fails.clear();
    next = 0;
    await tidy();
    if (!left(rest)) return await show("ok", { pinged });
    const soonest = Math.min(...[...rest.changes, ...rest.notices, ...rest.photos].map((row) => notBefore.get(row.id) ?? Date.now() + 5000));
    return await later("waits", { until: soonest });
  } catch (error) {
    if (!(error instanceof Trouble)) console.warn("outbox", error);
    if (error instanceof StorageFull) await tidy(0).catch(() => {}); // room to note what arrived
    return await later(error.kind ?? "broken", { text: error.text ?? "", after: error.after, data: error.data });
  }
}

/** A line that breaks now and then is not one that is down: what got through since the last trouble shortens the pause. */
function mostInRow(kind) {
  const [delivered, answered] = [line.delivered > before.delivered, line.answered > before.answered];
  before = { ...line };
  if (delivered) return 1;
  return answered && BREAKS.has(kind) ? 3 : Infinity;
}

async function later(kind, { text = "", after = 0, until = 0, data = null }) {
  if (kind === "sign_in" || kind === "stale") session = null;
  fails.set(kind, Math.min((fails.get(kind) ?? 0) + 1, mostInRow(kind)));
  next = until || Date.now() + pause(fails.get(kind), after);
  schedule();
  await show(kind, { text, next_at: next, sign_in: data?.sign_in ?? null });
  if (BREAKS.has(kind)) remindWorker(); // with a line it would ping at once, and again, and again
}

function schedule() {
  clearTimeout(timer);
  timer = setTimeout(() => wake(), Math.max(0, next - Date.now()));
}

/** Where Background Sync exists, the service worker pings this page when the line is back. Never relied upon. */
const remindWorker = () => navigator.serviceWorker?.getRegistration?.()
  .then((registration) => registration?.sync?.register("xuncha-outbox")).catch(() => {});

/**
 * Send now. `eager`: something says that the line may be back, so the pause is cut short (not one the server asked for);
 * `force`: the person pressed "send now".
 */
export async function wake({ eager = false, force = false } = {}) {
  if (force) { fails.clear(); notBefore.clear(); session = pinged = null; }
  if (force || (eager && !fails.has("busy"))) next = 0;
  if (running) { again = true; return; }
  if (Date.now() < next) { schedule(); return; }
  running = true;
  clearTimeout(timer);
  try {
    if (!await exclusively(turn)) { next = Date.now() + 5000 + Math.random() * 5000; schedule(); }
  } finally {
    running = false;
    if (again) { again = false; wake(); }
  }
}

let started = false;
/** Begin sending; once for a page. */
export async function start() {
  if (started || !await available()) return;
  started = true;
  hear("record", () => wake({ eager: Date.now() - tried > 10_000 }));
  window.addEventListener("online", () => wake({ eager: true }));
  window.addEventListener("pageshow", (event) => { if (event.persisted) wake({ eager: true }); });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") wake({ eager: true }); });
  navigator.serviceWorker?.addEventListener("message", (event) => { if (event.data?.name === "sync") wake({ eager: true }); });
  await wake();
  await announceRest();
}
