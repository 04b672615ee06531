// The words of the outbox page: how things are, and what is worth knowing.
import { make, say } from "../words.js";
import { LEAST_FREE, privateWindow, space } from "./space.js";
import { setting } from "./store.js";

const CLOCKS_DIFFER = 120_000; // ms

/** Bytes as people say them; the same as the server's filter. */
export const filesize = (size) => (size >= 2 ** 20 ? `${(size / 2 ** 20).toFixed(1)} MB` : `${Math.max(1, Math.round(size / 1024))} KB`);

/** A while in words. */
export const wait = (ms) => (ms < 90_000 ? say("box_seconds", Math.max(1, Math.round(ms / 1000))) : say("box_minutes", Math.round(ms / 60_000)));

const LINKS = { portal: () => "/?direct=1", sign_in: (state) => state.sign_in || "/sign-in" };

/** The card at the top: what the sender does or meets. */
export function stateCard(state, { count, photos }, locked) {
  if (!count) return [make("h2", {}, `✓ ${say("box_none")}`), make("p", {}, locked ? "" : say("box_ok"))];
  const kind = navigator.onLine ? state?.kind ?? "sending" : "offline";
  const size = photos.reduce((sum, photo) => sum + photo.size - photo.offset, 0);
  const title = [say("box_left", count), size ? say("box_size", filesize(size)) : ""].filter(Boolean).join(" · ");
  const words = kind === "ok" ? say("box_sending") : say(`box_${kind}`);
  const parts = [make("h2", {}, title), make("p", {}, words)];
  if (state?.text && state.text !== words) parts.push(make("p", { class: "soft" }, state.text));
  if (state?.next_at > Date.now() && kind !== "sending") parts.push(make("p", { class: "soft" }, say("box_next", wait(state.next_at - Date.now()))));
  if (LINKS[kind]) parts.push(make("p", {}, make("a", { class: "btn btn-ghost", href: LINKS[kind](state ?? {}) }, say(`box_${kind}_link`))));
  return parts;
}

const note = (kind, text) => make("div", { class: `note note-${kind}` }, make("div", {}, make("p", {}, text)));

/** Room, lasting storage, the clock, what is kept for a while, other people's work. */
export async function notes(received, locked) {
  const [room, passing, offset] = await Promise.all([space(), privateWindow(), setting("clock_offset_ms")]);
  const found = [];
  if (room.low) found.push(note("warn", `${say("box_low")} ${room.free !== null && room.free < LEAST_FREE ? filesize(Math.max(0, room.free)) : ""}`));
  if (passing) found.push(note("warn", say("box_private")));
  else found.push(room.persisted ? note("ok", say("box_lasting")) : note("info", say("box_passing")));
  if (Math.abs(offset ?? 0) > CLOCKS_DIFFER) found.push(note("warn", say("box_clock", wait(Math.abs(offset)))));
  if (received) found.push(make("p", { class: "soft" }, say("box_received", received)));
  if (locked) found.push(make("p", { class: "soft" }, say("box_sealed")));
  return found;
}
