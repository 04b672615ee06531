// Nothing typed is lost: an answer that arrives while somebody types brings new fields, and their words go back into them.
const TYPED = "input[data-typed], textarea[data-typed]";
const kept = new Map(); // id of a field -> what was typed, and whether it must still be sent

document.addEventListener("input", ({ target }) => {
  if (target.id && (target.tagName === "TEXTAREA" || target.inputMode === "decimal" || target.type === "text")) target.dataset.typed = "new";
});

// What a form sends is on its way; only words that come after this are newer than the answer.
document.addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => {
  for (const field of elt.querySelectorAll?.(TYPED) ?? []) field.dataset.typed = "sent";
});
document.addEventListener("htmx:afterRequest", ({ detail: { requestConfig: { elt }, successful } }) => {
  for (const field of elt.querySelectorAll?.(TYPED) ?? []) {
    if (field.dataset.typed !== "sent") continue;
    if (successful) delete field.dataset.typed; else field.dataset.typed = "new";
  }
});

document.addEventListener("htmx:beforeSwap", ({ detail: { requestConfig: { elt }, target, xhr } }) => { // detail.elt is the target by now
  const refused = xhr.status >= 400;
  for (const field of target?.querySelectorAll?.(TYPED) ?? []) {
    const own = field.form === elt;
    if (field.dataset.typed === "sent" && own && !refused) continue;
    // What was refused stands there to be corrected; it is not sent again by itself.
    kept.set(field.id, { value: field.value, send: !own || (!refused && field.dataset.typed === "new"), start: field.selectionStart, end: field.selectionEnd });
  }
});

document.addEventListener("htmx:afterSettle", () => {
  for (const [id, { value, send, start, end }] of kept) {
    kept.delete(id);
    const field = document.getElementById(id);
    if (!field || field.value === value) continue;
    field.value = value;
    field.dataset.typed = "new";
    const tell = () => field.isConnected && field.dataset.typed === "new" && field.dispatchEvent(new Event("change", { bubbles: true }));
    if (!send) continue;
    if (field === document.activeElement) {
      field.setSelectionRange(start, end);
      field.addEventListener("blur", tell, { once: true });
    } else tell();
  }
});
