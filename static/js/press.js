// A tapped answer looks tapped at once; the server's fragment then says what is saved.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button[aria-pressed]");
  if (!button || button.type !== "submit") return;
  const group = button.closest(".seg");
  if (!group) return;
  for (const other of group.querySelectorAll("[aria-pressed]")) other.setAttribute("aria-pressed", String(other === button));
});
