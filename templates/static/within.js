// How is one value found among many of a facet? By a small box that hides the others.

import { KEPT } from "./morph.js";

/** A facet with more values than this gets the box. */
const MANY = 12;

/** The lists that a box unfolded, to fold again when it is emptied. */
const unfolded = new WeakSet();

const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

function made(fieldset) {
  const box = document.createElement("input");
  const name = fieldset.querySelector("legend").textContent.trim();
  box.type = "search";
  box.placeholder = "Find";
  box.autocomplete = "off";
  box.setAttribute("aria-label", `Find in ${name}`);
  const place = document.createElement("p");
  place.className = "within";
  place.setAttribute(KEPT, "");
  place.append(box);
  return place;
}

/** Hides what the box does not name; answers how many of how many are left. */
function sift(fieldset) {
  const wanted = folded(fieldset.querySelector(".within input").value.trim());
  const items = [...fieldset.querySelectorAll(".boxes li")];
  for (const item of items) {
    item.hidden = !folded(item.querySelector(".value").textContent).includes(wanted);
  }
  for (const more of fieldset.querySelectorAll(".more")) {
    if (wanted && !more.open) unfolded.add(more);
    if (wanted || unfolded.has(more)) more.open = Boolean(wanted);
    if (!wanted) unfolded.delete(more);
  }
  return `${items.filter((item) => !item.hidden).length} of ${items.length} shown`;
}

/** Gives every long facet within `desk` its box, and applies what the boxes say. */
export function within(desk) {
  for (const fieldset of desk.querySelectorAll(".facet")) {
    const boxes = fieldset.querySelectorAll(".boxes li");
    const has = fieldset.querySelector(".within");
    if (!has && boxes.length > MANY) fieldset.querySelector(".boxes").before(made(fieldset));
    else if (has?.firstChild.value) sift(fieldset);
  }
}

/** Listens to the boxes; `tell` is told what a box left over. */
export function startSifting(desk, tell) {
  desk.addEventListener("input", ({ target }) => {
    if (target.parentNode.matches(".within")) tell(sift(target.closest("fieldset")));
  });
}
