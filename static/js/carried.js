// The instrument and the point of measuring are written once: other measures of the visit take them over until
// somebody writes something else there.
export function start(root) {
  for (const input of root.querySelectorAll("[data-carried]")) input.dataset.taken ??= input.value;
}

/** Take what was written into `input` over into the others of its kind. */
export function carry(input) {
  const { carried } = input.dataset;
  if (!carried) return;
  for (const other of document.querySelectorAll(`[data-carried="${carried}"]`)) {
    const isOwn = other.value && other.value !== other.dataset.taken;
    const isJudged = other.form.querySelector(".reading .tag");
    if (other === input || isOwn || isJudged) continue;
    other.value = input.value;
    other.dataset.taken = other.value;
  }
}

document.addEventListener("change", (event) => carry(event.target));
