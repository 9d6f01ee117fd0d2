// The reading page, once it stands: which section is being read, notes beside the text, and
// stepping through the places that a search marked. Without this file all of it is still there.

const all = (selector, within = document) => [...within.querySelectorAll(selector)];

/** In the contents, say which section is being read. */
function follow(contents) {
  const links = new Map(all('a[href^="#"]', contents).map((a) => [decodeURIComponent(a.hash.slice(1)), a]));
  const headings = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
  const scroller = contents.querySelector(".drawer");
  const passed = new Set();
  const observer = new IntersectionObserver(
    (changes) => {
      for (const { target, isIntersecting } of changes) passed[isIntersecting ? "add" : "delete"](target);
      const reading = headings.findLast((heading) => passed.has(heading));
      for (const [id, link] of links) {
        if (id !== reading?.id) link.removeAttribute("aria-current");
        else link.setAttribute("aria-current", "location");
      }
      const link = reading && links.get(reading.id);
      if (!link || scroller.scrollHeight <= scroller.clientHeight) return;
      const [box, frame] = [link.getBoundingClientRect(), scroller.getBoundingClientRect()];
      if (box.top < frame.top) scroller.scrollTop -= frame.top - box.top;
      if (box.bottom > frame.bottom) scroller.scrollTop += box.bottom - frame.bottom;
    },
    // Everything above a line a third down the window has been reached.
    { rootMargin: "1000000px 0px -67% 0px" },
  );
  headings.forEach((heading) => observer.observe(heading));
}

/** Put a copy of every note beside the place that refers to it; the notes stay at the end. */
function besides(prose) {
  const copies = [];
  for (const link of all("a.footnote-ref", prose)) {
    const note = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!note || copies.some((copy) => copy.note === note)) continue;
    const element = document.createElement("div");
    element.className = "sidenote";
    // Who listens to the page or goes by the keyboard meets each note once, at the end.
    element.ariaHidden = "true";
    element.append(...[...note.childNodes].map((child) => child.cloneNode(true)));
    all(".footnote-backref", element).forEach((back) => back.remove());
    for (const child of all("*", element)) {
      child.removeAttribute("id");
      if (child.matches("a, [tabindex], audio, video, summary")) child.tabIndex = -1;
    }
    const number = document.createElement("span");
    number.className = "n";
    number.textContent = `${link.textContent} `;
    (element.querySelector("p") ?? element).prepend(number);
    copies.push({ link, note, element });
  }
  if (!copies.length) return;
  prose.append(...copies.map(({ element }) => element));
  prose.closest(".essay").classList.add("with-notes");
  const place = () => {
    const top = prose.getBoundingClientRect().top;
    let free = 0;
    for (const { link, element } of copies) {
      const beside = Math.max(free, link.getBoundingClientRect().top - top);
      element.style.top = `${beside}px`;
      free = beside + element.offsetHeight + 12;
    }
  };
  place();
  new ResizeObserver(place).observe(prose);
}

/** Step through the places that are marked, with two buttons in place of a list of numbers. */
function step(places) {
  const count = Number(places.dataset.places);
  const mine = (number) => all(`mark[data-place="${number}"]`);
  const said = places.querySelector("p");
  said.setAttribute("role", "status");
  let at = 0;
  const go = (to) => {
    mine(at).forEach((mark) => mark.removeAttribute("aria-current"));
    at = to < 1 ? count : to > count ? 1 : to;
    const here = mine(at);
    here.forEach((mark) => mark.setAttribute("aria-current", "true"));
    for (let fold = here[0]; (fold = fold.parentElement.closest("details")); ) fold.open = true;
    here[0].scrollIntoView({ block: "center" });
    said.textContent = `Match ${at} of ${count}`;
  };
  const button = (text, way) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.addEventListener("click", () => go(at + way));
    return made;
  };
  const steps = document.createElement("div");
  steps.className = "step";
  steps.append(button("Previous", -1), button("Next", 1));
  places.querySelector("ol").after(steps);
  places.classList.add("live");
}

for (const [selector, enhance] of [[".toc", follow], [".prose", besides], [".places", step]]) {
  const element = document.querySelector(selector);
  if (element) enhance(element);
}
