// The rescue file: all that waits on this phone as one uncompressed tar, made of pieces that stay where they are,
// so that no photo is read into memory. The server imports it (POST /sync/rescue).
import { here } from "./session.js";
import { all, device, get } from "./store.js";
import { wire } from "./send_changes.js";

const BLOCK = 512;
const text = new TextEncoder();
const octal = (number, width) => number.toString(8).padStart(width - 1, "0") + "\0";

/** The header of a file of `size` bytes in a tar of the kind "ustar"; `at` in ms. */
export function tarHeader(name, size, at) {
  const header = new Uint8Array(BLOCK);
  const write = (offset, value) => header.set(text.encode(value), offset);
  write(0, name);
  write(100, octal(0o644, 8));
  write(108, octal(0, 8));
  write(116, octal(0, 8));
  write(124, octal(size, 12));
  write(136, octal(Math.floor(at / 1000), 12));
  write(148, " ".repeat(8));
  write(156, "0");
  write(257, "ustar\0" + "00");
  write(148, `${header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0")}\0 `);
  return header;
}

/** A tar of `files` [{name, blob}] as one Blob of parts. */
export function tarOf(files, at = Date.now()) {
  const parts = files.flatMap(({ name, blob }) => {
    const rest = (BLOCK - (blob.size % BLOCK)) % BLOCK;
    return [tarHeader(name, blob.size, at), blob, new Uint8Array(rest)];
  });
  return new Blob([...parts, new Uint8Array(2 * BLOCK)], { type: "application/x-tar" });
}

/** Everything of `person` that the server may not have, as a tar. */
export async function rescueFile(person) {
  const mine = (rows) => rows.filter((row) => row.person === person.id);
  const changes = mine(await all("changes")).sort((one, other) => one.seq - other.seq);
  const photos = mine(await all("photos")).filter((row) => row.state !== "received");
  const files = [];
  for (const { id } of photos) {
    const blob = (await get("blobs", id))?.blob;
    if (blob) files.push({ name: `photos/${id}`, blob });
  }
  const manifest = {
    xuncha: "rescue", version: 1, device: await device(), person: { id: person.id, name: person.name }, made_at_ms: Date.now(),
    changes: changes.map(wire), photos: photos.map(({ state, offset, tries, last_error, confirmed_at, edge, ...photo }) => photo),
  };
  return tarOf([{ name: "manifest.json", blob: new Blob([JSON.stringify(manifest)]) }, ...files]);
}

/** xuncha-rescue-2026-11-22-某协管.tar; a name keeps letters of any script and digits. */
export function rescueName(person, now = new Date()) {
  const day = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
  return `xuncha-rescue-${day}-${person.name.replace(/[^\p{L}\p{N}]+/gu, "-")}.tar`;
}

export async function saveRescueFile() {
  const person = await here();
  const address = URL.createObjectURL(await rescueFile(person));
  const link = Object.assign(document.createElement("a"), { href: address, download: rescueName(person) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 600_000); // the browser may still be copying
}
