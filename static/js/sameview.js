// Taking a photo from where the earlier one was taken: that one lies half transparent over the live picture of the camera.
// Where the browser gives no live picture the phone's own camera is used, and then and now stand side by side.
import { announce } from "./words.js";

const BIG = { width: { ideal: 4096 }, height: { ideal: 3072 } };
const QUALITY = 0.92;
let [stream, card] = [null, null];

const dialog = () => document.getElementById("same-view");
const thenOf = (one) => one.querySelector("[data-then]")?.dataset.then ?? one.querySelector(".compare-photos img")?.getAttribute("src");

/** The button stands where there is something to lay over the picture. */
function reveal() {
  for (const place of document.querySelectorAll("[data-same-view]")) {
    const one = place.closest("article");
    place.hidden = !(one && thenOf(one) && one.querySelector("form[data-upload] input[capture]"));
  }
}

function problem(text) {
  const place = card?.querySelector(".strip-problem");
  if (!place) return;
  place.textContent = text;
  place.hidden = !text;
}

async function open(button) {
  card = button.closest("article");
  problem("");
  const shown = dialog();
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: "environment", ...BIG } });
  } catch {
    problem(shown.dataset.refused);
    return;
  }
  const [video, then] = [shown.querySelector("video"), shown.querySelector("img")];
  then.hidden = false;
  then.onerror = () => { then.hidden = true; }; // a page that was kept, without its photos
  then.src = thenOf(card);
  fade();
  video.srcObject = stream;
  shown.showModal();
  await video.play().catch(() => {});
  shown.querySelector(".same-view-stage").style.setProperty("--shape", `${video.videoWidth || 3} / ${video.videoHeight || 4}`);
}

function fade() {
  dialog().querySelector("img").style.opacity = String(Number(dialog().querySelector("input").value) / 100);
}

function close() {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  dialog().querySelector("video").srcObject = null;
}

/** What the camera sees, as large as it gives it; the earlier photo is never part of it. */
async function picture() {
  if ("ImageCapture" in window) {
    try { return await new ImageCapture(stream.getVideoTracks()[0]).takePhoto(); } catch { /* the frame that is shown */ }
  }
  const video = dialog().querySelector("video");
  const canvas = Object.assign(document.createElement("canvas"), { width: video.videoWidth, height: video.videoHeight });
  canvas.getContext("2d").drawImage(video, 0, 0);
  return new Promise((done) => { canvas.toBlob(done, "image/jpeg", QUALITY); });
}

/** Hand it to the form as if the phone's own camera had: kept on the phone, sent, tried again like any photo. */
async function take(button) {
  button.disabled = true;
  try {
    const made = stream && await picture();
    if (!made) return;
    const input = card.querySelector("form[data-upload] input[capture]");
    const files = new DataTransfer();
    files.items.add(new File([made], `${new Date().toISOString().replace(/[:.]/g, "-")}.jpg`, { type: made.type || "image/jpeg" }));
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    announce(dialog().dataset.taken);
    dialog().close();
  } finally { button.disabled = false; }
}

let begun = false;
export function start() {
  if (begun || !navigator.mediaDevices?.getUserMedia || !dialog()?.showModal || !("DataTransfer" in window)) return;
  begun = true;
  reveal();
  document.addEventListener("visit:shown", reveal);
  document.addEventListener("htmx:afterSettle", reveal);
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-same-view] button");
    if (button) open(button);
  });
  dialog().addEventListener("close", close);
  dialog().querySelector("input").addEventListener("input", fade);
  dialog().querySelector("[data-take]").addEventListener("click", (event) => take(event.currentTarget));
  dialog().querySelector("[data-close]").addEventListener("click", () => dialog().close());
  window.addEventListener("pagehide", close);
}
