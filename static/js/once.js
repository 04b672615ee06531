// A second tap does nothing while the first is on its way; after a failure the button works again.
// Forms with hx-sync decide for themselves (an answer may be changed while it is being saved).
const free = (form) => delete form.dataset.busy;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "get" || form.hasAttribute("hx-sync") || form.hasAttribute("data-upload")) return;
  if ("busy" in form.dataset) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  form.dataset.busy = "";
  // A native submission leaves the page; if it does not (a download, a lost connection), free it again.
  setTimeout(() => { if (!form.classList.contains("htmx-request")) free(form); }, 15000);
}, true);

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt.closest?.("form");
  if (form) free(form);
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-busy]").forEach(free));
