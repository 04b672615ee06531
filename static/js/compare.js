// Two photos, one over the other: the slider says how much of the earlier one is seen. Without this: side by side.
function begin(figure) {
  if (figure.dataset.begun) return;
  figure.dataset.begun = "yes";
  const [button, slider] = [figure.querySelector("[data-compare-over]"), figure.querySelector("input[type=range]")];
  const show = () => figure.style.setProperty("--then", `${100 - Number(slider.value)}%`);
  button.addEventListener("click", () => {
    const over = figure.toggleAttribute("data-over");
    button.setAttribute("aria-pressed", String(over));
    slider.hidden = !over;
    show();
  });
  slider.addEventListener("input", show);
}

export function start(root) {
  for (const figure of [...(root.matches?.("[data-compare]") ? [root] : []), ...root.querySelectorAll("[data-compare]")]) begin(figure);
}
