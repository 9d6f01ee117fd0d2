// Which theme did the reader choose? Light, dark, or the system's own. It runs before anything is
// painted, so that no page begins in the other one; without it the system's theme holds.

(() => {
  const KEPT = "theme";
  const root = document.documentElement;
  let chosen = "";

  /** Shows a theme; what is none of them is the system's. */
  function show(theme) {
    chosen = theme === "light" || theme === "dark" ? theme : "";
    if (chosen) root.dataset.theme = chosen;
    else delete root.dataset.theme;
    for (const meta of document.querySelectorAll("meta[data-of]")) {
      const { of } = meta.dataset;
      const system = `(prefers-color-scheme: ${of})`;
      meta.media = chosen ? (of === chosen ? "all" : "not all") : system;
    }
    const radio = document.querySelector(`#page--theme [value="${chosen}"]`);
    if (radio) radio.checked = true;
  }

  /** What was kept on this machine; a browser may refuse to keep anything. */
  function kept() {
    try {
      return localStorage.getItem(KEPT);
    } catch {
      return chosen;
    }
  }

  function keep() {
    try {
      if (chosen) localStorage.setItem(KEPT, chosen);
      else localStorage.removeItem(KEPT);
    } catch {
      // It holds for this page.
    }
  }

  show(kept());
  // A page that was open in another tab, or kept while another was read.
  addEventListener("storage", () => show(kept()));
  addEventListener("pageshow", ({ persisted }) => persisted && show(kept()));
  addEventListener("DOMContentLoaded", () => {
    const control = document.getElementById("page--theme");
    control.addEventListener("change", ({ target }) => {
      show(target.value);
      keep();
    });
    show(chosen);
    control.hidden = false;
  });
})();
