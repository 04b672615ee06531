// After a swap the focus and the screen reader know what changed.
import { announce } from "./words.js";

document.addEventListener("htmx:afterSettle", (event) => {
  const root = event.detail.elt;
  const wanted = root.querySelector?.(".errors, [autofocus]") || (root.matches?.("[autofocus]") ? root : null);
  if (wanted) wanted.focus();
  const news = root.matches?.("[data-announce]") ? root : root.querySelector?.("[data-announce]");
  if (news) announce(news.dataset.announce || news.textContent.trim());
});

document.querySelector(".errors")?.focus();
