// A door code read without signal: opens the place where the pack has it, else looks for the words among its places.
import { places } from "./packed.js";

export async function start() {
  const code = new URLSearchParams(location.search).get("code")?.trim();
  if (!code) return;
  const token = code.split(/[/?#]/).filter(Boolean).at(-1);
  const place = (await places()).find((one) => one.door_token === token);
  location.replace(place ? `/premises/${place.id}` : `/premises?${new URLSearchParams({ q: code })}`);
}
