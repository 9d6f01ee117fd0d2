// Drag a rectangle over the map: its ratings become the ranges of a search. Without this script
// every mark, square and named part is a link all the same.

const figure = document.querySelector(".plot");
const chart = figure?.querySelector(".chart");
if (chart) {
  const pad = Number(figure.dataset.pad);
  const box = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  box.classList.add("chosen");
  /** Where the drag began, in per cent of the frame; null when none is under way. */
  let from = null;
  let dragged = false;

  const clamp = (value, least, most) => Math.min(Math.max(value, least), most);
  const place = (event) => {
    const frame = chart.getBoundingClientRect();
    return {
      x: clamp((100 * (event.clientX - frame.left)) / frame.width, 0, 100),
      y: clamp((100 * (event.clientY - frame.top)) / frame.height, 0, 100),
    };
  };
  const scaled = (at, whole, step) =>
    clamp(Math.round(((at - pad) / (100 - 2 * pad)) * whole / step) * step, 0, whole);
  const ranges = (a, b) => ({
    certainty_min: scaled(Math.min(a.x, b.x), 100, 1),
    certainty_max: scaled(Math.max(a.x, b.x), 100, 1),
    importance_min: scaled(100 - Math.max(a.y, b.y), 10, 0.1),
    importance_max: scaled(100 - Math.min(a.y, b.y), 10, 0.1),
  });
  const stop = () => {
    from = null;
    box.remove();
  };

  chart.addEventListener("pointerdown", (event) => {
    dragged = false;
    // A finger scrolls.
    if (event.button === 0 && event.pointerType !== "touch") from = place(event);
  });
  addEventListener("pointermove", (event) => {
    if (!from) return;
    const to = place(event);
    dragged ||= Math.hypot(to.x - from.x, to.y - from.y) > 2;
    if (!dragged) return;
    const [x, y] = [Math.min(from.x, to.x), Math.min(from.y, to.y)];
    box.setAttribute("x", `${x}%`);
    box.setAttribute("y", `${y}%`);
    box.setAttribute("width", `${Math.abs(to.x - from.x)}%`);
    box.setAttribute("height", `${Math.abs(to.y - from.y)}%`);
    chart.append(box);
  });
  addEventListener("pointerup", (event) => {
    if (!from) return;
    const chosen = ranges(from, place(event));
    stop();
    if (!dragged) return;
    const search = new URL(figure.dataset.search, location.href);
    for (const [name, value] of Object.entries(chosen)) {
      search.searchParams.set(name, String(Number(value.toFixed(1))));
    }
    location.assign(search);
  });
  addEventListener("pointercancel", stop);
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") stop();
  });
  // A drag that begins or ends on a link is no click on it, and takes no link along.
  chart.addEventListener("dragstart", (event) => event.preventDefault());
  chart.addEventListener("click", (event) => {
    if (dragged) event.preventDefault();
    dragged = false;
  });
  chart.classList.add("draggable");
  document.querySelector(".hint")?.removeAttribute("hidden");
}
