// Which keys do something on every page? Those that the dialog lists, and only while the reader is
// not typing and has not switched them off.

const dialog = document.getElementById("page--keys");
const use = dialog.querySelector("[type=checkbox]");
const button = document.getElementById("page--keys-open");
const OFF = "keys-off";

/** Fields in which a letter is a letter. */
const TYPING = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]";

/** What was kept of the reader's wish; a browser may refuse to keep anything. */
function wish(change) {
  try {
    if (change) change(localStorage);
    return localStorage.getItem(OFF) === null;
  } catch {
    return true;
  }
}

/** Moves the focus by `steps` hits; the first step leads to the first one. */
function move(steps) {
  const titles = [...document.querySelectorAll(".hits h2 a")];
  const here = document.activeElement.closest(".hit")?.querySelector("h2 a");
  const next = here ? titles.indexOf(here) + steps : 0;
  titles[next]?.focus();
  return titles.length > 0;
}

function searchFor() {
  const box = document.getElementById("page--q");
  box?.select();
  box?.focus();
  return Boolean(box);
}

/** What a key does; false if it does nothing here. */
function act(key, shifted) {
  if (key === "?") return dialog.showModal() ?? true;
  if (key === "/") return searchFor();
  if (shifted) return false;
  if (key === "j") return move(1);
  if (key === "k") return move(-1);
  // The arrows scroll, until a reader is among the hits.
  const among = document.activeElement.matches(".hit h2 a");
  if (key === "ArrowDown") return among && move(1);
  if (key === "ArrowUp") return among && move(-1);
  return false;
}

function pressed(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!use.checked || dialog.open || event.target.closest(TYPING)) return;
  if (act(event.key, event.shiftKey)) event.preventDefault();
}

use.checked = wish();
use.addEventListener("change", () => {
  wish((kept) => (use.checked ? kept.removeItem(OFF) : kept.setItem(OFF, "1")));
});
button.addEventListener("click", () => dialog.showModal());
button.hidden = false;
document.addEventListener("keydown", pressed);
