// A quick phrase is added to its text field.
export function start() {}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-phrase]");
  const field = button && document.getElementById(button.dataset.phrase);
  if (!field) return;
  const phrase = button.textContent.trim();
  if (field.value.includes(phrase)) return;
  const gap = field.value && !/[\s,;。,;、]$/u.test(field.value) ? (document.documentElement.lang.startsWith("zh") ? ";" : "; ") : "";
  field.value += gap + phrase;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
});
