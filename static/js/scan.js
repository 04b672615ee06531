// The camera reads a door code where the browser can (BarcodeDetector); the field beside it always works.
const place = document.querySelector("[data-scan]");
const start = place?.querySelector("button");
const video = place?.querySelector("video");
const state = place?.querySelector("[role=status]");
const field = document.querySelector("#code");

/** The same server's door address or a bare token; anything else is shown in the field, not opened. */
function use(text) {
  field.value = text;
  field.form.requestSubmit();
}

async function look(detector, stream) {
  while (stream.active) {
    if (video.readyState >= 2) {
      const [found] = await detector.detect(video).catch(() => []);
      if (found) {
        stream.getTracks().forEach((track) => track.stop());
        state.textContent = place.dataset.found;
        use(found.rawValue);
        return;
      }
    }
    await new Promise((resolve) => { setTimeout(resolve, 150); });
  }
}

async function open() {
  start.hidden = true;
  state.textContent = place.dataset.looking;
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    video.srcObject = stream;
    video.hidden = false;
    await video.play();
    addEventListener("pagehide", () => stream.getTracks().forEach((track) => track.stop()));
    await look(new BarcodeDetector({ formats: ["qr_code"] }), stream);
  } catch {
    state.textContent = place.dataset.refused;
    start.hidden = false;
  }
}

async function canRead() {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return false;
  return (await BarcodeDetector.getSupportedFormats()).includes("qr_code");
}

if (place && await canRead()) {
  place.hidden = false;
  start.addEventListener("click", open);
}
