// The one script of the work pages. Each module finds its own work by data- attributes; pages work without it.
import "./errors.js";
import "./focus.js";
import "./ids.js";
import "./offline/worker.js";
import "./once.js";
import "./press.js";
import "./typing.js";

const wanted = [
  ["[data-sync]", "./offline/chip.js"],
  ["[data-outbox]", "./offline/outbox_page.js"],
  ["#leaving", "./offline/leaving.js"],
  ["#visit-data", "./offline/capture.js"],
  ["form[data-begins]", "./offline/begin.js"],
  ["form[data-upload]", "./upload.js"],
  ["[data-position]", "./position.js"],
  ["[data-signature]", "./signature.js"],
  ["[data-phrase]", "./phrases.js"],
  ["[data-carried]", "./carried.js"],
  ["a[data-near]", "./near.js"],
  ["a[rel=next], a[rel=prev], [data-review]", "./photolog.js"],
];

/** Load the modules this page (or a fragment that came later) needs; each starts itself once per element. */
async function start(root) {
  for (const [selector, file] of wanted) {
    if (root.matches?.(selector) || root.querySelector(selector)) {
      const module = await import(file);
      module.start(root);
    }
  }
}

start(document).then(() => { document.documentElement.dataset.scripts = "ready"; }); // keys and fingers are heard now
document.addEventListener("htmx:load", (event) => {
  if (event.detail.elt !== document.body) start(event.detail.elt);
});
