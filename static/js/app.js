// The one script of the work pages. Each module finds its own work by data- attributes; pages work without it.
import "./errors.js";
import "./focus.js";
import "./ids.js";
import "./offline/capture.js";
import "./offline/worker.js";
import "./once.js";
import "./press.js";
import "./typing.js";
import * as begin from "./offline/begin.js";
import * as carried from "./carried.js";
import * as chip from "./offline/chip.js";
import * as near from "./near.js";
import * as phrases from "./phrases.js";
import * as position from "./position.js";
import * as signature from "./signature.js";

const later = (name) => async () => (await import("./later.js"))[name];

// Small and often needed: here. The rest is fetched by the pages that need it.
const wanted = [
  ["html[data-offline]", later("kept")],
  ["[data-shell=start]", later("startPage")],
  ["[data-shell=premises]", later("premisesPage")],
  ["[data-shell=file]", later("filePage")],
  ["[data-shell=place]", later("placePage")],
  ["form[data-report]", later("report")],
  ["[data-shell=together]", later("togetherPage")],
  ["[data-pack]", later("packPage")],
  ["html[data-offline] [data-scan]", later("scanPage")],
  ["[data-sync]", () => chip],
  ["[data-outbox]", later("outboxPage")],
  ["#leaving", later("leaving")],
  ["form[data-begins]", () => begin],
  // a visit keeps its photos by itself (offline/capture.js)
  ["form[data-upload]", () => (document.getElementById("visit-data") ? null : later("upload")())],
  ["[data-position]", () => position],
  ["[data-signature]", () => signature],
  ["[data-phrase]", () => phrases],
  ["[data-carried]", () => carried],
  ["[data-compare]", later("compare")],
  ["#same-view", later("sameView")],
  ["[data-desk]", later("desk")],
  ["[data-day-map]", () => import("./day_map.js")],
  ["form[data-cover]", later("cover")],
  ["form[data-choose]", later("choose")],
  ["a[data-near]", () => near],
  ["a[rel=next], a[rel=prev], [data-review]", later("photolog")],
];

/** Load the modules this page (or a fragment that came later) needs; each starts itself once per element. */
async function start(root) {
  for (const [selector, load] of wanted) {
    if (root.matches?.(selector) || root.querySelector(selector)) {
      const module = await load();
      module?.start(root);
    }
  }
}

start(document).then(() => { document.documentElement.dataset.scripts = "ready"; }); // keys and fingers are heard now
document.addEventListener("htmx:load", (event) => {
  if (event.detail.elt !== document.body) start(event.detail.elt);
});
