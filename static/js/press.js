// A tapped answer that goes to the server looks tapped at once; its fragment then says what is saved.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button[aria-pressed]");
  if (!button || button.type !== "submit") return;
  if (button.form?.dataset.records && document.documentElement.dataset.keeps) return; // shown once the phone has it
  const group = button.closest(".seg");
  if (!group) return;
  for (const other of group.querySelectorAll("[aria-pressed]")) other.setAttribute("aria-pressed", String(other === button));
});
