// How does the search page answer while a reader is still asking? It fetches its own address for
// the new question and takes results and facets from that page. The server stays the only one
// who knows what an answer looks like; whatever fails here becomes an ordinary page load.

import { KEPT, morph } from "./morph.js";
import { slide, startSliding } from "./sliders.js";
import { startSifting, within } from "./within.js";

/** Milliseconds without a keystroke before a question is asked. */
const PAUSE = 150;
/** Milliseconds without a new answer before one is read out. */
const SETTLED = 600;

const form = document.getElementById("page--search");
const desk = document.querySelector(".desk");
const found = document.getElementById("page--found");
const told = document.getElementById("page--told");

/** The address that the page shows the answer to. */
let shown = location.pathname + location.search;
/** The request whose answer is awaited; an answer to any other one comes too late. */
let asking = null;
/** The field that the current entry of the history belongs to, or the form once it was sent. */
let streak = null;
let pause;
let step = null;
let telling;

/** Says something to readers who listen, once it has not changed for a while. */
function tell(message) {
  clearTimeout(telling);
  telling = setTimeout(() => {
    told.textContent = message;
  }, SETTLED);
}

/** The address of what the form asks, without what it leaves blank. */
function address() {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (value.trim()) fields.append(name, value.trim());
  }
  const query = fields.toString().replaceAll("+", "%20");
  return new URL(form.action).pathname + (query && `?${query}`);
}

/** From here on no older question may be answered, nor one that is only half typed. */
function forget() {
  clearTimeout(pause);
  asking?.abort();
  asking = null;
  found.removeAttribute("aria-busy");
}

/** The control that was focused, as it is found again if its node went. */
function twin(node) {
  if (node.name) {
    return [...form.elements].find((it) => it.name === node.name && it.value === node.value);
  }
  const said = node.textContent;
  return [...desk.querySelectorAll("a:not([hidden])")].find(
    (it) => it.href === node.href && it.textContent === said,
  );
}

/** Where nothing is found there is nothing to narrow; the filters then only step out of sight, so
 *  that the results do not jump to and fro under half a word. */
function keepFilters(fresh) {
  const filters = desk.querySelector(".narrow");
  const idle = filters && !fresh.querySelector(".narrow");
  filters?.toggleAttribute(KEPT, idle);
  if (!idle) return;
  for (const field of filters.querySelectorAll("[form]")) {
    if (field.type === "checkbox") field.checked = false;
    else field.value = "";
  }
  fresh.classList.remove("alone");
}

function render(page) {
  const before = document.activeElement;
  const inside = desk.contains(before);
  const asked = page.getElementById(form.id);
  document.title = page.title;
  for (const feed of document.querySelectorAll("link[rel=alternate]")) {
    const fresh = page.querySelector(`link[rel=alternate][type="${feed.type}"]`);
    feed.title = fresh.title;
    feed.setAttribute("href", fresh.getAttribute("href"));
  }
  const { q } = form.elements;
  const text = asked.elements.q.defaultValue;
  if (q.value.trim() !== text) q.value = text;
  q.defaultValue = text;
  for (const old of form.querySelectorAll("[type=hidden]")) old.remove();
  q.after(...asked.querySelectorAll("[type=hidden]"));
  const fresh = page.querySelector(".desk");
  keepFilters(fresh);
  morph(desk, fresh);
  enhance();
  // A control that was taken away hands its focus to its twin, or to the results.
  const there = before.isConnected && !before.hidden;
  if (inside && !(there && document.activeElement === before)) {
    const next = there ? before : (twin(before) ?? found);
    next.focus({ preventScroll: true });
  }
}

/** What the server's HTML does not have: handles, boxes to find values, buttons that count. */
function enhance() {
  slide(desk);
  within(desk);
  const [count] = desk.querySelector(".tally").dataset.told.split(",");
  for (const button of desk.querySelectorAll(".apply button")) {
    button.textContent = /^\d/.test(count) ? `Show ${count}` : count;
  }
}

/** Asks `url` and shows the answer; `how` is what becomes of the history: push, replace or none.
 *  The server is told of a reader who still types: half a word is no
 *  question. True if this answer is the one now shown. */
async function ask(url, how, typing = false) {
  forget();
  step = null;
  if (how && url !== location.pathname + location.search) {
    // Where the reader stood, for the way back.
    if (how === "push") history.replaceState({ y: scrollY }, "");
    history[`${how}State`](null, "", url);
  }
  if (how && url === shown) return true;
  const mine = new AbortController();
  asking = mine;
  told.textContent = "";
  found.setAttribute("aria-busy", "true");
  try {
    const headers = typing ? { "X-Typing": "1" } : {};
    const answer = await fetch(url, { signal: mine.signal, headers });
    const text = await answer.text();
    if (asking !== mine) return false;
    if (!answer.ok) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(text, "text/html");
    render(page);
    shown = url;
    forget();
    tell(desk.querySelector(".tally").dataset.told);
    return true;
  } catch {
    if (asking === mine) location.assign(url);
    return false;
  }
}

/** Asks what the form says after a pause, if it is something that can be asked. */
function soon(how) {
  forget();
  // A step of the history that still waits is not lost to the next keystroke.
  step = step === "push" ? step : how;
  pause = setTimeout(() => {
    if (form.checkValidity()) ask(address(), step, true);
  }, PAUSE);
}

/** Brings the beginning of the results before the reader's eyes. */
function toResults() {
  found.focus({ preventScroll: true });
  if (found.getBoundingClientRect().top < 0) found.scrollIntoView();
}

function typed(event) {
  const { target } = event;
  if (target.form !== form || target.type === "checkbox" || event.isComposing) return;
  // While one types, one entry of the history changes. A handle that begins to move makes a new
  // one, as does typing after the words were sent.
  const same = event.detail === "slid" ? streak === target : streak !== form;
  streak = target;
  soon(same ? "replace" : "push");
}

function ticked({ target }) {
  if (target.form !== form || target.type !== "checkbox") return;
  streak = target;
  if (form.reportValidity()) ask(address(), "push");
}

async function sent(event) {
  event.preventDefault();
  streak = form;
  const closing = event.submitter?.closest(".apply");
  // What was only typed so far is now meant, and an archive may keep what it could not answer.
  if (address() === shown && desk.querySelector(".nothing, [data-nearest]")) {
    fetch(shown, { method: "HEAD" }).catch(() => {});
  }
  const mine = await ask(address(), "push");
  if (!mine || !closing) return;
  closing.closest(".drawer").open = false;
  toResults();
  found.scrollIntoView();
}

async function followed(event) {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const here = link.origin === location.origin && link.pathname === location.pathname;
  if (!here || link.hash || link.target) return;
  event.preventDefault();
  streak = null;
  // A turned page or another subject begins at its beginning; a chip or an order stays in view.
  const anew = link.closest(".pages, .hits, .nothing, .note");
  if ((await ask(link.pathname + link.search, "push")) && anew) toResults();
}

async function returned({ state }) {
  const url = location.pathname + location.search;
  // A jump within the page comes here too.
  if (url === shown && !asking) return;
  streak = null;
  if ((await ask(url, null)) && state) scrollTo(0, state.y);
}

startSliding(desk);
startSifting(desk, tell);
enhance();
document.addEventListener("input", typed);
document.addEventListener("compositionend", typed);
document.addEventListener("change", ticked);
form.addEventListener("submit", sent);
desk.addEventListener("click", followed);
addEventListener("popstate", returned);
addEventListener("pagehide", forget);
// A page that was kept while another was read shows what its fields say.
addEventListener("pageshow", ({ persisted }) => persisted && soon("replace"));
