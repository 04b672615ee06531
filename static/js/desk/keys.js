// Keys and fingers of the desk. Letters by their place on the keyboard too, so that a Chinese input method is no obstacle.
const KEYS = {
  KeyA: "accept", KeyS: "back", KeyU: "undo", KeyC: "compare", KeyJ: "older", KeyK: "newer",
  ArrowDown: "older", ArrowRight: "older", ArrowUp: "newer", ArrowLeft: "newer",
};
const OFF = "xuncha-desk-keys-off";

const typing = (element) => element.closest?.("input:not([type=checkbox]), select, textarea, [contenteditable]");

export function listen(acts, { reason }) {
  const on = document.getElementById("keys-on");
  try { on.checked = !localStorage.getItem(OFF); } catch { /* private window */ }
  on.addEventListener("change", () => {
    try { on.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1"); } catch { /* for this page only */ }
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const open = document.querySelector("dialog[open]");
    if (open?.id === "reasons" && /^(Digit|Numpad)[1-9]$/.test(event.code)) {
      event.preventDefault();
      reason(Number(event.code.at(-1)) - 1);
    } else if (open?.id === "beside" && event.code === "KeyC") open.close();
    else if (!open && on.checked && event.key === "?") acts.help();
    else if (!open && !event.shiftKey && KEYS[event.code] && (on.checked || event.code.startsWith("Arrow"))) {
      event.preventDefault();
      acts[KEYS[event.code]]();
    }
  });
}

const FAR = 90; // CSS pixels until letting go decides

/** Right: reviewed; left: send back. The photo follows the finger and says what letting go would do. */
export function swipes(looks, acts) {
  let from = null;
  let photo = null;
  const across = (touch) => touch.clientX - from[0];
  const still = () => { photo?.style.removeProperty("translate"); photo?.removeAttribute("data-lean"); photo = from = null; };
  looks.addEventListener("touchstart", (event) => {
    const [touch] = event.touches;
    photo = event.touches.length === 1 && (window.visualViewport?.scale ?? 1) <= 1.05 ? event.target.closest("[data-swipe]") : null;
    from = photo && [touch.clientX, touch.clientY];
  }, { passive: true });
  looks.addEventListener("touchmove", (event) => {
    if (!from) return;
    const [touch] = event.touches;
    const down = Math.abs(touch.clientY - from[1]);
    if (event.touches.length > 1 || (down > 40 && down > Math.abs(across(touch)))) { still(); return; }
    photo.style.setProperty("translate", `${across(touch)}px`);
    photo.dataset.lean = Math.abs(across(touch)) < FAR ? "" : across(touch) > 0 ? "accept" : "back";
  }, { passive: true });
  looks.addEventListener("touchend", (event) => {
    if (!from) return;
    const way = across(event.changedTouches[0]);
    still();
    if (Math.abs(way) >= FAR) acts[way > 0 ? "accept" : "back"]();
  }, { passive: true });
  looks.addEventListener("touchcancel", still, { passive: true });
}
