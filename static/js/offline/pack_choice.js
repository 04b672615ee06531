// The form in which the places of a pack are chosen.
import { make } from "../words.js";

const WAIT = 300; // ms after the last key until the register is searched
const byId = (id) => document.getElementById(id);
let near = null; // [latitude, longitude]
const named = new Map(); // id -> name of single places

/** What the form says. */
export function choiceOf() {
  return {
    own: byId("pack-own").checked, overdue: byId("pack-overdue").checked, area: byId("pack-area").value,
    near: byId("pack-near").checked ? near : null, named: [...named.keys()],
  };
}

/** How many each part brings; with `whole` the form is set to what was chosen, too. */
export function showChoice({ choice }, whole) {
  for (const place of document.querySelectorAll("[data-found]")) place.textContent = choice.found[place.dataset.found] ?? "";
  if (!whole) return;
  byId("pack-own").checked = choice.own;
  byId("pack-overdue").checked = choice.overdue;
  near = choice.near;
  byId("pack-near").checked = Boolean(near);
  const area = byId("pack-area");
  if (![...area.options].some((option) => option.value === choice.area)) area.append(new Option(choice.area_name, choice.area));
  area.value = choice.area;
}

function position() {
  return new Promise((done) => {
    if (!navigator.geolocation) { done(null); return; }
    navigator.geolocation.getCurrentPosition(({ coords }) => done([coords.latitude, coords.longitude]), () => done(null), { maximumAge: 120_000, timeout: 15_000 });
  });
}

function showNamed(words, changed) {
  const list = byId("pack-named");
  list.hidden = !named.size;
  list.replaceChildren(...[...named].map(([id, name]) => {
    const button = make("button", { type: "button", class: "row-link", "aria-label": words.take_away.replace("{n}", name) },
      make("span", { class: "row-text" }, make("b", {}, name)), make("span", { class: "row-end" }, "✕"));
    button.addEventListener("click", () => { named.delete(id); showNamed(words, changed); changed(); });
    return make("li", { class: "row" }, button);
  }));
}

/** The register's own search; its rows become buttons that add a place. */
async function look(query, words, changed) {
  const list = byId("pack-found");
  const answer = query ? await fetch(`/premises?${new URLSearchParams({ q: query })}`, { headers: { "HX-Request": "true" } }).catch(() => null) : null;
  const page = new DOMParser().parseFromString(answer?.ok ? await answer.text() : "", "text/html");
  const links = [...page.querySelectorAll('a.row-link[href^="/premises/"]')].filter((link) => /^\/premises\/[0-9a-f-]{36}$/.test(link.getAttribute("href")));
  list.hidden = !links.length;
  list.replaceChildren(...links.slice(0, 8).map((link) => {
    const text = link.querySelector(".row-text");
    const button = make("button", { type: "button", class: "row-link" }, text ? text.cloneNode(true) : link.textContent, make("span", { class: "row-end" }, "＋"));
    button.addEventListener("click", () => {
      named.set(link.getAttribute("href").split("/").at(-1), link.querySelector("b")?.textContent ?? link.textContent);
      byId("pack-search").value = "";
      list.hidden = true;
      showNamed(words, changed);
      changed();
    });
    return make("li", { class: "row" }, button);
  }));
}

/** Tell `reckon(choice)` of every change of the form. */
export function askHere(words, reckon, problem) {
  const changed = () => reckon(choiceOf());
  let timer = 0;
  byId("pack-search").addEventListener("input", ({ target }) => {
    clearTimeout(timer);
    timer = setTimeout(look, WAIT, target.value.trim(), words, changed);
  });
  byId("pack-choice").addEventListener("change", async ({ target }) => {
    if (target.id === "pack-search") return;
    if (target.id === "pack-near" && target.checked) {
      near = await position();
      if (!near) { target.checked = false; problem(words.no_position); return; }
    }
    changed();
  });
}
