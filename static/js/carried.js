// The instrument and the point of measuring are written once: other measures of the visit take them over until
// somebody writes something else there.
export function start(root) {
  for (const input of root.querySelectorAll("[data-carried]")) input.dataset.taken ??= input.value;
}

document.addEventListener("change", (event) => {
  const { carried } = event.target.dataset;
  if (!carried) return;
  for (const other of document.querySelectorAll(`[data-carried="${carried}"]`)) {
    const isOwn = other.value && other.value !== other.dataset.taken;
    const isJudged = other.form.querySelector(".reading .tag");
    if (other === event.target || isOwn || isJudged) continue;
    other.value = event.target.value;
    other.dataset.taken = other.value;
  }
});
