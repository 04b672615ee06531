// The photo log by keys and by swipe: left and right to the neighbours, space marks as reviewed.
export function start() {}

const typing = (element) => element.closest?.("input, select, textarea, [contenteditable], summary, button, a[href]:not([rel])");
const go = (rel) => document.querySelector(`a[rel=${rel}]`)?.click();

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const inField = typing(event.target);
  if (event.key === "ArrowLeft" && !inField?.matches?.("input, select, textarea")) go("prev");
  else if (event.key === "ArrowRight" && !inField?.matches?.("input, select, textarea")) go("next");
  else if (event.key === " " && !inField) {
    const review = document.querySelector("[data-review]");
    if (review) { event.preventDefault(); review.click(); }
  }
});

let from = null;
document.addEventListener("touchstart", (event) => {
  const [touch] = event.touches;
  from = event.touches.length === 1 && event.target.closest("[data-swipe]") ? [touch.clientX, touch.clientY] : null;
}, { passive: true });
document.addEventListener("touchend", (event) => {
  if (!from || (window.visualViewport?.scale ?? 1) > 1.05) return;
  const [touch] = event.changedTouches;
  const across = touch.clientX - from[0];
  const down = touch.clientY - from[1];
  from = null;
  if (Math.abs(across) > 60 && Math.abs(across) > 2 * Math.abs(down)) go(across < 0 ? "next" : "prev");
}, { passive: true });
