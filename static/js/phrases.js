// A quick phrase is added to its text field.
export function start() {}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-phrase]");
  const field = button && document.getElementById(button.dataset.phrase);
  if (!field) return;
  const phrase = button.textContent.trim();
  if (field.value.includes(phrase)) return;
  const joint = document.documentElement.lang.startsWith("zh") ? "\uff1b" : "; ";
  const gap = field.value && !/[\s,;.\uff0c\uff1b\u3002\u3001]$/u.test(field.value) ? joint : "";
  field.value += gap + phrase;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
});
