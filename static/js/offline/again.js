// A re-inspection on the phone: the photo taken now beside the one of then, as the server's page shows them.
/** Put both side by side into `card`, once; `now` is the address of the new photo's small picture. */
export async function showPair(card, now) {
  const then = card?.querySelector("[data-then]");
  const blank = document.querySelector("template[data-pair]");
  if (!then || !now || !blank || card.querySelector(".compare")) return;
  const figure = blank.content.firstElementChild.cloneNode(true);
  const slider = figure.querySelector("input");
  slider.id = `compare-${card.dataset.code}`;
  figure.querySelector("label").htmlFor = slider.id;
  [then.dataset.then, now].forEach((address, index) => {
    const link = figure.querySelectorAll(".compare-photos a")[index];
    link.removeAttribute("href");
    link.querySelector("img").src = address;
  });
  then.before(figure);
  then.hidden = true;
  (await import("../later.js")).compare.start(figure);
}
