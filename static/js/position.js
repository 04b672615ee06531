// Where the phone is, if it says so: recorded, never required, never waited for.
import { say } from "./words.js";

let asked;
let last = null;

/** The last known position as {latitude, longitude, accuracy}, or null. */
export const currentPosition = () => last;

function ask() {
  asked ??= new Promise((resolve) => {
    if (!navigator.geolocation) { resolve(null); return; }
    const options = { enableHighAccuracy: true, maximumAge: 60000, timeout: 20000 };
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      last = { latitude: coords.latitude, longitude: coords.longitude, accuracy: coords.accuracy };
      resolve(last);
    }, () => resolve(null), options);
  });
  return asked;
}

function fill(place, position) {
  const state = place.querySelector("[data-position-state]");
  if (!position) {
    if (state) state.textContent = say("noposition");
    return;
  }
  const rounded = { latitude: position.latitude.toFixed(6), longitude: position.longitude.toFixed(6), accuracy: Math.round(position.accuracy) };
  for (const [name, value] of Object.entries(rounded)) {
    const input = place.querySelector(`input[name=${name}]`);
    if (input) input.value = value;
  }
  if (state) state.textContent = say("position", rounded.accuracy);
  const form = place.matches("form") ? place : place.closest("form");
  if (!form?.hasAttribute("data-position-submit")) return;
  if ([...form.attributes].some((attribute) => attribute.name.startsWith("hx-"))) form.dispatchEvent(new CustomEvent("position", { bubbles: true }));
  else form.requestSubmit();
}

export function start(root) {
  const places = [...root.querySelectorAll("[data-position]")];
  if (root.matches?.("[data-position]")) places.push(root);
  for (const place of places) {
    if (place.dataset.positionAsked) continue;
    place.dataset.positionAsked = "yes";
    ask().then((position) => fill(place, position));
  }
}
