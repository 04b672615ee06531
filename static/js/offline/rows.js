// Rows of lists, built on the phone as templates/components/ui.html builds them.
import { make } from "../words.js";
import { nearDay } from "./moments.js";
import { distanceWords } from "./packed.js";

/** A row that leads to `url` ("" for none): title, lines below it, something at its end. */
export function row(url, title, lines, end) {
  const text = make("span", { class: "row-text" }, make("b", {}, title), ...lines.map((line) => make("small", { class: "row-line" }, line)));
  const inner = [text, ...(end ? [make("span", { class: "row-end num nowrap" }, end)] : [])];
  return make("li", { class: "row" }, make(url ? "a" : "div", { class: "row-link", ...(url && { href: url }) }, ...inner));
}

/** The row of a place; `words` holds "never" and "last" ({day}). */
export function placeRow(place, words, metres = null) {
  const last = place.last_visit_ms ? words.last.replace("{day}", nearDay(place.last_visit_ms)) : words.never;
  const lines = [[place.kind_name, place.domain_names], [last, place.region_name]].map((line) => line.filter(Boolean).join(" · "));
  return row(`/premises/${place.id}`, place.name, lines.filter(Boolean), metres === null ? "" : distanceWords(metres));
}
