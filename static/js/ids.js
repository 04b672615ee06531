// Request ids made on the phone. The server does the same id once, so:
// the same content sent again (a retry) keeps its id; a success or a changed content gets a new one.
const sent = new WeakMap(); // form -> content it was last sent with

/** A random UUID, also where the page has no secure context (a phone on the local network by http). */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function renew(form) {
  for (const input of form.querySelectorAll("[data-new-id]")) input.value = newId();
}

function content(form, submitter) {
  const own = new Set([...form.querySelectorAll("[data-new-id]")].map((input) => input.name));
  const parts = [...new FormData(form).entries()]
    .filter(([name]) => !own.has(name) && name !== "csrf_token")
    .map(([name, value]) => [name, value instanceof File ? `${value.name}/${value.size}/${value.lastModified}` : value]);
  if (submitter?.name) parts.push([submitter.name, submitter.value]);
  return JSON.stringify(parts);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.querySelector?.("[data-new-id]")) return;
  for (const input of form.querySelectorAll("[data-new-id]")) if (!input.value) input.value = newId();
  const now = content(form, event.submitter);
  const before = sent.get(form);
  if (before !== undefined && before !== now) renew(form);
  sent.set(form, now);
}, true);

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt.closest?.("form");
  if (!form || !event.detail.successful || !form.isConnected) return;
  sent.delete(form);
  renew(form);
});
