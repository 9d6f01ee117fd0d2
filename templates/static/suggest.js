// What may a reader be about to type? Every search box becomes a combobox (ARIA's pattern "list
// autocomplete with manual selection") over the archive's suggestions.

/** Milliseconds without a keystroke before suggestions are asked for. */
const PAUSE = 120;
/** Fewer characters say too little. */
const LEAST = 2;
const MOST = 8;

function element(name, className, text) {
  const it = document.createElement(name);
  it.className = className;
  it.textContent = text;
  return it;
}

function suggest(box) {
  const { form } = box;
  const list = element("ul", "suggestions", "");
  let offered = [];
  let at = -1;
  let asking = null;
  let pause;

  list.id = `${box.id}-suggestions`;
  list.role = "listbox";
  list.ariaLabel = "Suggestions";
  list.hidden = true;
  box.after(list);
  box.role = "combobox";
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", list.id);
  box.setAttribute("aria-expanded", "false");

  function mark(index) {
    list.children[at]?.setAttribute("aria-selected", "false");
    at = index;
    const option = list.children[at];
    if (!option) {
      box.removeAttribute("aria-activedescendant");
      return;
    }
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", option.id);
  }

  function toggle(open) {
    mark(-1);
    list.hidden = !open;
    box.setAttribute("aria-expanded", String(open));
  }

  function close() {
    clearTimeout(pause);
    asking?.abort();
    toggle(false);
  }

  function choose({ url, query }) {
    close();
    if (url) {
      location.assign(url);
      return;
    }
    box.value = query;
    offer([]);
    form.requestSubmit();
  }

  function offer(found) {
    offered = found;
    list.replaceChildren(
      ...found.map(({ kind, text, count }, index) => {
        const option = element("li", "", "");
        const about = kind === "essay" ? kind : `${kind}, ${count}`;
        const shown = element("span", "value", text);
        shown.dir = "auto";
        option.append(shown, " ", element("span", "count", about));
        option.id = `${list.id}-${index}`;
        option.role = "option";
        option.ariaSelected = "false";
        option.addEventListener("click", () => choose(found[index]));
        return option;
      }),
    );
    toggle(found.length > 0 && document.activeElement === box);
  }

  async function ask() {
    const mine = new AbortController();
    asking = mine;
    const text = box.value.trimStart();
    const about = new URLSearchParams({ q: text, limit: MOST });
    try {
      const answer = await fetch(`${form.dataset.suggest}?${about}`, { signal: mine.signal });
      const { suggestions } = await answer.json();
      if (!mine.signal.aborted) offer(suggestions);
    } catch {
      // Nothing is offered then; the box searches as it always does.
      if (!mine.signal.aborted) offer([]);
    }
  }

  function typed(event) {
    if (event.isComposing) return;
    clearTimeout(pause);
    asking?.abort();
    if (box.value.trim().length < LEAST) offer([]);
    else pause = setTimeout(ask, PAUSE);
  }

  function pressed(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const last = offered.length - 1;
    const { key } = event;
    if ((key === "ArrowDown" || key === "ArrowUp") && last >= 0) {
      if (list.hidden) toggle(true);
      // Before the first and after the last the box itself has its turn.
      if (key === "ArrowDown") mark(at === last ? -1 : at + 1);
      else mark(at === -1 ? last : at - 1);
    } else if (list.hidden) return;
    else if (key === "Escape") close();
    else if (at >= 0 && key === "Home") mark(0);
    else if (at >= 0 && key === "End") mark(last);
    else if (at >= 0 && key === "Enter") choose(offered[at]);
    else return;
    event.preventDefault();
  }

  // A press on the list must not take the focus from the box.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  box.addEventListener("input", typed);
  box.addEventListener("compositionend", typed);
  box.addEventListener("keydown", pressed);
  box.addEventListener("blur", close);
  form.addEventListener("submit", close);
}

for (const box of document.querySelectorAll("[data-suggest] [name=q]")) suggest(box);
