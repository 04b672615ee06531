// A person's day over the map the county has set (XUNCHA_MAP_TILES). The drawing is there before this and shows the same
// stops; it stays wherever the map does not come, and a sentence says so. The stops are read from the list beneath.
import { make, say } from "./words.js";

const PATIENCE = 15_000; // milliseconds for the first look of the map
const NEAR = 34; // pixels; stops closer than that share one mark
const WAY = "day-way";

export async function start(root) {
  const figure = root.matches?.("[data-day-map]") ? root : root.querySelector("[data-day-map]");
  if (!figure || figure.dataset.started) return;
  figure.dataset.started = "yes";
  const pictures = [...figure.querySelectorAll("svg image")];
  if (pictures.length) await overPictures(figure, pictures);
  else await overVectors(figure).catch(() => tell(figure, "map_failed")); // no script, no WebGL
}

const tell = (figure, key) => { figure.querySelector("[data-map-said]").textContent = say(key); };

/** Picture tiles lie under the drawing without us; those that do not come are taken away, or the browser draws their lack. */
async function overPictures(figure, pictures) {
  const came = await Promise.all(pictures.map(comes));
  pictures.forEach((picture, n) => { if (!came[n]) picture.remove(); });
  if (came.includes(false)) tell(figure, came.includes(true) ? "map_partly" : "map_failed");
}

/** Whether a tile can be had; what already lies on the page is not fetched again. */
const comes = (picture) => new Promise((done) => {
  const again = new Image();
  again.onload = () => done(true);
  again.onerror = () => done(false);
  setTimeout(done, PATIENCE, false);
  again.src = picture.getAttribute("href");
});

function stopsOf(page) {
  return [...page.querySelectorAll(".stop[data-at]")].map((item) => ({
    at: item.dataset.at.split(",").map(Number),
    number: item.querySelector("b").textContent,
    said: `${item.querySelector("b").textContent} ${item.querySelector("strong").textContent} ${item.querySelector("p").textContent}`,
    href: `#${item.id}`,
  }));
}

async function overVectors(figure) {
  const gl = await import(figure.dataset.script);
  gl.setWorkerUrl(figure.dataset.worker);
  const stops = stopsOf(document);
  const place = make("div", { class: "ground-map" });
  figure.querySelector(".day-ground").append(place);
  let map;
  try {
    map = new gl.Map({ container: place, style: figure.dataset.style, ...sight(gl, stops), ...behaviour() });
  } catch (noWebgl) {
    place.remove();
    throw noWebgl;
  }
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new gl.NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new gl.ScaleControl(), "bottom-left");
  figure.querySelector("figcaption").append(new gl.AttributionControl({ compact: false }).onAdd(map)); // not over the stops
  map.on("style.load", () => drawWay(map, stops, place));
  mark(gl, map, stops);
  watch(map, figure);
}

/** Show the map once there is something on it; else take it away and say so. What is missing later is said, too. */
function watch(map, figure) {
  const ground = figure.querySelector(".day-ground");
  const had = { style: false, picture: false, fault: false };
  let state = "awaited"; // then "shown" or "failed"
  const fail = () => {
    if (state === "failed") return;
    state = "failed";
    ground.classList.remove("is-mapped");
    tell(figure, "map_failed");
    setTimeout(() => { map.remove(); ground.querySelector(".ground-map").remove(); }); // not within its own event
  };
  const decide = () => {
    if (state !== "awaited") return;
    if (!had.style || !(had.picture || hasFeatures(map))) return void fail();
    state = "shown";
    ground.classList.add("is-mapped");
    figure.querySelector("figcaption").removeAttribute("hidden");
    if (had.fault) tell(figure, "map_partly");
  };
  const wait = () => setTimeout(() => (document.hidden ? wait() : decide()), PATIENCE);
  map.on("style.load", () => { had.style = true; });
  map.on("sourcedata", ({ tile, sourceId }) => {
    had.picture ||= tile?.state === "loaded" && map.getSource(sourceId)?.type === "raster";
  });
  map.on("load", decide);
  map.on("error", () => {
    had.fault = true;
    if (!had.style) fail();
    else if (state === "shown") tell(figure, "map_partly");
  });
  map.on("webglcontextlost", fail);
  wait();
}

function sight(gl, stops) {
  const bounds = stops.reduce((box, { at }) => box.extend(at), new gl.LngLatBounds(stops[0].at, stops[0].at));
  return { bounds, fitBoundsOptions: { padding: { top: 44, right: 76, bottom: 60, left: 44 }, maxZoom: 16 } };
}

/** One finger scrolls the page; north stays up. */
const behaviour = () => ({
  attributionControl: false, cooperativeGestures: true, dragRotate: false, pitchWithRotate: false, touchPitch: false, maxPitch: 0,
  locale: {
    "Map.Title": say("map_title"), "NavigationControl.ZoomIn": say("map_in"), "NavigationControl.ZoomOut": say("map_out"),
    "CooperativeGesturesHandler.MobileHelpText": say("map_fingers"), "CooperativeGesturesHandler.WindowsHelpText": say("map_wheel"),
    "CooperativeGesturesHandler.MacHelpText": say("map_wheel_mac"),
  },
});

/** Whether the server's map has anything here: an empty ground says less than the drawing. */
const hasFeatures = (map) => map.queryRenderedFeatures().some(({ source }) => source !== WAY);

function drawWay(map, stops, place) {
  if (stops.length < 2) return;
  const line = { type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: stops.map(({ at }) => at) } };
  const paint = { "line-color": getComputedStyle(place).getPropertyValue("--brand").trim(), "line-width": 3, "line-dasharray": [3, 1.7] };
  map.addSource(WAY, { type: "geojson", data: line });
  map.addLayer({ id: WAY, type: "line", source: WAY, layout: { "line-join": "round" }, paint });
}

/** The numbers, as links to the list; anew where another distance brings them together or apart. */
function mark(gl, map, stops) {
  let shown = "";
  let markers = [];
  const draw = () => {
    const groups = together(stops.map((stop) => ({ ...stop, ...map.project(stop.at) })));
    const numbers = groups.map((group) => group.map(({ number }) => number).join("·")).join(" ");
    if (numbers === shown) return;
    shown = numbers;
    for (const marker of markers) marker.remove();
    markers = groups.map((group) => new gl.Marker({ element: link(group, map) }).setLngLat(group[0].at).addTo(map));
  };
  map.on("zoomend", draw);
  draw();
}

function together(stops) {
  const groups = [];
  for (const stop of stops) {
    const group = groups.find(([one]) => Math.abs(one.x - stop.x) < NEAR && Math.abs(one.y - stop.y) < NEAR);
    if (group) group.push(stop);
    else groups.push([stop]);
  }
  return groups;
}

function link(group, map) {
  const numbers = group.map(({ number }) => number);
  const [first, second] = numbers;
  const row = numbers.at(-1) - first === numbers.length - 1;
  const text = numbers.length < 4 ? numbers.join("·") : row ? `${first}–${numbers.at(-1)}` : `${first}·${second}…`;
  const said = group.map((stop) => stop.said).join(", ");
  const mark = make("a", { class: "ground-stop", href: group[0].href, title: said, "aria-label": said }, text);
  mark.addEventListener("focus", () => { if (!map.getBounds().contains(group[0].at)) map.jumpTo({ center: group[0].at }); });
  return mark;
}
