// What the server has confirmed may leave the phone: after the grace period, or at once when the phone is nearly full.
// A visit leaves whole, never while it is open and never before its last photo is confirmed.
import { space } from "./space.js";
import { all, change, setting } from "./store.js";

const GRACE = 72 * 3600_000; // ms
const ENDS = new Set(["finish", "visit_discard"]);
const DELIVERED = new Set(["sent", "conflict", "held"]);

/** Ids of the visits (null: what belongs to none) that are closed and wholly confirmed before `until` (ms). */
export function finished(visits, changes, photos, until) {
  const ids = new Set([...changes, ...photos].map((row) => row.inspection_id).concat(visits.map((visit) => visit.id)));
  const ended = new Set(changes.filter((row) => ENDS.has(row.kind)).map((row) => row.inspection_id));
  for (const { id, status } of visits) if ((status === "open" && !ended.has(id)) || status === "draft") ids.delete(id);
  for (const row of changes) if (!DELIVERED.has(row.state) || row.sent_at > until) ids.delete(row.inspection_id);
  for (const row of photos) if (row.state !== "received" || row.confirmed_at > until) ids.delete(row.inspection_id);
  return ids;
}

/** Remove what is confirmed; `grace` in ms, by default the setting "grace". */
export async function tidy(grace) {
  const keep = grace ?? ((await space()).low ? 0 : (await setting("grace")) ?? GRACE);
  const until = Date.now() - keep;
  const [visits, changes, photos, notices] = await Promise.all(["visits", "changes", "photos", "notices"].map((name) => all(name)));
  const gone = finished(visits, changes, photos, until);
  const old = photos.filter((row) => row.state === "received" && row.confirmed_at <= until);
  if (!gone.size && !old.length) return;
  await change(["visits", "changes", "photos", "blobs", "thumbs", "notices", "numbers"], "readwrite", async (tx) => {
    const drop = (store, rows) => rows.forEach((row) => tx.objectStore(store).delete(row.id));
    const within = (rows) => rows.filter((row) => gone.has(row.inspection_id));
    drop("blobs", old);
    drop("photos", within(photos));
    drop("thumbs", within(photos));
    drop("changes", within(changes));
    const told = within(notices).filter((row) => DELIVERED.has(row.state));
    drop("notices", told);
    told.forEach((row) => tx.objectStore("numbers").delete(row.number));
    drop("visits", visits.filter((visit) => gone.has(visit.id)));
  });
}
