// What the scripts say, in the language of the page (templates/layouts/_words.html).
let words;

/** The words for `key`; `{n}` is replaced by `n`. */
export function say(key, n) {
  words ??= Object.assign({}, ...[...document.querySelectorAll("[data-words], [data-more-words]")]
    .map(({ dataset }) => JSON.parse(dataset.words || dataset.moreWords)));
  return (words[key] ?? key).replace("{n}", n ?? "");
}

/** Read `text` to people who hear the page. The region exists from the start, so the change is noticed. */
export function announce(text) {
  const live = document.getElementById("live");
  if (!live || !text) return;
  live.textContent = "";
  requestAnimationFrame(() => { live.textContent = text; });
}

/** An element with attributes and children; text children are text, never markup. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}
