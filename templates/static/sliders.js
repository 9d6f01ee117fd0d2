// How is a range chosen from a histogram? By two handles on its base line. The two number fields
// stay what the form sends; the handles show them and change them.

import { KEPT } from "./morph.js";

/** What stands in a fieldset: the two number fields, and the handles if it has them yet. */
function parts(fieldset) {
  const fields = [...fieldset.querySelectorAll(".between input")];
  return { fields, slider: fieldset.querySelector(".slider"), whole: Number(fields[0].max) };
}

function made(fieldset, whole) {
  const slider = document.createElement("div");
  slider.className = "slider";
  slider.setAttribute(KEPT, "");
  const name = fieldset.querySelector("legend").textContent.trim();
  for (const end of ["from", "to"]) {
    const handle = document.createElement("input");
    handle.type = "range";
    handle.min = 0;
    handle.max = whole;
    handle.step = whole / 20;
    handle.setAttribute("aria-label", `${name} ${end}`);
    slider.append(handle);
  }
  return slider;
}

/** Puts the handles where the number fields say. */
function sync(fieldset) {
  const { fields, slider, whole } = parts(fieldset);
  const [low, high] = fields.map((field, end) => {
    const value = field.value === "" ? end * whole : Number(field.value);
    return Math.min(Math.max(value, 0), whole);
  });
  [low, Math.max(low, high)].forEach((value, end) => {
    const handle = slider.children[end];
    handle.value = value;
    const unit = whole === 100 ? "%" : "";
    const said = fields[end].value === "" ? "no limit" : `${value}${unit}`;
    handle.setAttribute("aria-valuetext", said);
    slider.style.setProperty(end ? "--high" : "--low", `${(100 * value) / whole}%`);
  });
  // Where both stand at the upper end only the lower one can move, so it lies on top.
  slider.classList.toggle("upper", low > whole / 2);
}

/** A handle was moved: its number field follows, and says so to whoever listens. */
function moved(handle) {
  const fieldset = handle.closest("fieldset");
  const { fields, slider, whole } = parts(fieldset);
  const end = handle === slider.lastChild ? 1 : 0;
  const other = fields[1 - end].value === "" ? (1 - end) * whole : Number(fields[1 - end].value);
  const value = end ? Math.max(handle.valueAsNumber, other) : Math.min(handle.valueAsNumber, other);
  fields[end].value = value === end * whole ? "" : value;
  // From end to end is no filter: essays without a rating stay.
  if (fields.every((field, each) => field.value === "" || Number(field.value) === each * whole)) {
    for (const field of fields) field.value = "";
  }
  fields[end].dispatchEvent(new CustomEvent("input", { bubbles: true, detail: "slid" }));
}

/** Gives every histogram within `desk` that has number fields its handles, or sets them anew. */
export function slide(desk) {
  for (const fieldset of desk.querySelectorAll("fieldset:has(.between, .slider)")) {
    const histogram = fieldset.querySelector(".histogram");
    if (!histogram) {
      fieldset.querySelector(".slider")?.remove();
      continue;
    }
    const { slider, whole } = parts(fieldset);
    if (!slider) histogram.after(made(fieldset, whole));
    sync(fieldset);
  }
}

/** Listens to handles and number fields within `desk`, now and after any change of it. */
export function startSliding(desk) {
  desk.addEventListener("input", ({ target }) => {
    if (target.type === "range") moved(target);
    else if (target.type === "number" && target.closest("fieldset").querySelector(".slider")) {
      sync(target.closest("fieldset"));
    }
  });
}
