// <essay-search>: the search of an archive of essays, for the pages of any site.
//
//   <script src="https://essays.example.org/static/essay-search.js" async></script>
//   <essay-search></essay-search>
//
// One file, which needs no other. It asks the API of the archive that it comes from, or that `src`
// names. Everything that an essay says is put on the page as text; styles are a constructed sheet,
// so a strict content security policy has to allow this script and connections to the archive,
// and nothing inline. Attributes, parts and properties for style: docs/embedding.md.

(() => {
  /** Where this file comes from. */
  const HOME = document.currentScript?.src ? new URL(document.currentScript.src).origin : "";

  /** Milliseconds without a keystroke before the archive is asked. */
  const PAUSE = 180;
  const LIMIT = 8;
  const MAX_LIMIT = 50;

  const TEXTS = {
    en: {
      label: "Search essays",
      found: (n) => (n === 1 ? "1 essay found" : `${n} essays found`),
      all: (n) => (n === 1 ? "See it in the archive" : `See all ${n} in the archive`),
      none: "No essays found",
      corrected: (q) => `Showing results for ${q}`,
      failed: "The search cannot be reached just now",
      certainty: "certainty",
    },
    de: {
      label: "Essays durchsuchen",
      found: (n) => (n === 1 ? "1 Essay gefunden" : `${n} Essays gefunden`),
      all: (n) => (n === 1 ? "Im Archiv ansehen" : `Alle ${n} im Archiv ansehen`),
      none: "Keine Essays gefunden",
      corrected: (q) => `Ergebnisse für ${q}`,
      failed: "Die Suche ist gerade nicht erreichbar",
      certainty: "Gewissheit",
    },
    fr: {
      label: "Chercher dans les essais",
      found: (n) => (n === 1 ? "1 essai trouvé" : `${n} essais trouvés`),
      all: (n) => (n === 1 ? "Le voir dans les archives" : `Voir les ${n} dans les archives`),
      none: "Aucun essai trouvé",
      corrected: (q) => `Résultats pour ${q}`,
      failed: "La recherche est inaccessible pour le moment",
      certainty: "certitude",
    },
    es: {
      label: "Buscar en los ensayos",
      found: (n) => (n === 1 ? "1 ensayo encontrado" : `${n} ensayos encontrados`),
      all: (n) => (n === 1 ? "Verlo en el archivo" : `Ver los ${n} en el archivo`),
      none: "No se encontró ningún ensayo",
      corrected: (q) => `Resultados de ${q}`,
      failed: "No se puede acceder a la búsqueda en este momento",
      certainty: "certeza",
    },
  };

  const STYLE = `
    :host { color-scheme: light dark; display: block; position: relative; font: inherit;
      --_accent: var(--essay-search-accent, LinkText);
      --_line: var(--essay-search-line, color-mix(in srgb, CanvasText 30%, Canvas)); }
    :host([hidden]) { display: none; }
    :host([theme="light"]) { color-scheme: light; }
    :host([theme="dark"]) { color-scheme: dark; }
    * { box-sizing: border-box; }
    input { background: Field; border: 1px solid var(--_line); border-radius: 0.4em;
      color: FieldText; font: inherit; padding: 0.5em 0.7em; width: 100%; }
    input:focus-visible { outline: 2px solid var(--_accent); outline-offset: 1px; }
    .panel { background: Canvas; border: 1px solid var(--_line); border-radius: 0.4em;
      box-shadow: 0 0.4em 1.4em #0003; color: CanvasText; inset-inline: 0; margin-top: 0.3em;
      max-height: var(--essay-search-height, 28em); overflow-y: auto; position: absolute;
      z-index: 1000; }
    .panel[hidden] { display: none; }
    .list { margin: 0; padding: 0; }
    a { border-top: 1px solid var(--_line); color: inherit; display: block; padding: 0.6em 0.8em;
      text-decoration: none; }
    a:first-child { border-top: 0; }
    a[aria-selected="true"], a:hover { background: color-mix(in srgb, var(--_accent) 14%, Canvas); }
    a[aria-selected="true"] { outline: 2px solid var(--_accent); outline-offset: -2px; }
    .title { color: var(--_accent); display: block; font-weight: 600; }
    .about, .text { display: block; font-size: 0.85em; }
    .about { opacity: 0.75; }
    mark { background: color-mix(in srgb, #fc0 45%, Canvas); color: inherit; }
    .status { display: block; font-size: 0.85em; min-height: 1.4em; opacity: 0.85;
      padding: 0.3em 0.8em; }
    .status:empty { display: none; }
    .live { clip-path: inset(50%); height: 1px; overflow: hidden; position: absolute;
      white-space: nowrap; width: 1px; }
    @media (forced-colors: active) { a[aria-selected="true"] { outline-color: Highlight; } }
  `;

  let sheet = null;
  const style = () => {
    if (!sheet) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
    }
    return sheet;
  };

  /** An element with a class, which is its part too, and a text. */
  function make(name, part, text = "") {
    const it = document.createElement(name);
    it.className = part;
    it.part = part;
    it.textContent = text;
    return it;
  }

  /** A text in which runs match, as nodes. */
  function marked(fragments) {
    return fragments.map(({ text, match }) => (match ? make("mark", "mark", text) : text));
  }

  class EssaySearch extends HTMLElement {
    static observedAttributes = ["label", "placeholder", "lang", "src", "filters", "limit"];

    #search = make("div", "search");
    #input = make("input", "input");
    #panel = make("div", "panel");
    #list = make("div", "list");
    #status = make("span", "status");
    /** The same for screen readers: what was hidden a moment ago, they may not read out. */
    #live = make("span", "live");
    #active = -1;
    #asking = null;
    #pause = 0;

    constructor() {
      super();
      const root = this.attachShadow({ mode: "open", delegatesFocus: true });
      root.adoptedStyleSheets = [style()];
      Object.assign(this.#input, {
        id: "input", type: "search", autocomplete: "off", spellcheck: false, enterKeyHint: "search",
        maxLength: 512,
      });
      this.#input.setAttribute("autocapitalize", "off");
      this.#input.setAttribute("role", "combobox");
      this.#input.setAttribute("aria-autocomplete", "list");
      this.#input.setAttribute("aria-controls", "list");
      this.#list.id = "list";
      this.#list.setAttribute("role", "listbox");
      this.#status.ariaHidden = "true";
      this.#live.setAttribute("role", "status");
      this.#panel.append(this.#status, this.#list);
      this.#search.setAttribute("role", "search");
      this.#search.append(this.#input, this.#live, this.#panel);
      root.append(this.#search);
      this.#toggle(false);
      this.#input.addEventListener("input", (event) => this.#typed(event));
      this.#input.addEventListener("compositionend", () => this.#later());
      this.#input.addEventListener("keydown", (event) => this.#key(event));
      this.#input.addEventListener("focus", () => {
        if (this.#list.childElementCount) this.#toggle(true);
      });
      // A click on a result must not take the focus, and with it the result, away before it counts.
      this.#panel.addEventListener("mousedown", (event) => event.preventDefault());
      this.addEventListener("focusout", () => this.close());
    }

    connectedCallback() {
      this.#label();
    }

    disconnectedCallback() {
      this.close();
    }

    attributeChangedCallback(name) {
      this.#label();
      if (["src", "filters", "limit"].includes(name)) this.#empty();
    }

    /** What is in the box; setting it asks the archive. */
    get value() {
      return this.#input.value;
    }

    set value(text) {
      this.#input.value = text;
      this.#later();
    }

    /** Close the list of results. */
    close() {
      clearTimeout(this.#pause);
      this.#asking?.abort();
      this.#toggle(false);
    }

    get #src() {
      try {
        const url = new URL(this.getAttribute("src") || HOME, document.baseURI);
        return /^https?:$/.test(url.protocol) ? url : null;
      } catch {
        return null;
      }
    }

    get #limit() {
      const asked = Number.parseInt(this.getAttribute("limit"), 10);
      return Number.isInteger(asked) && asked > 0 ? Math.min(asked, MAX_LIMIT) : LIMIT;
    }

    get #texts() {
      const near = this.closest("[lang]")?.lang || document.documentElement.lang;
      return TEXTS[near.toLowerCase().split("-")[0]] ?? TEXTS.en;
    }

    /** The address of a search: the filters as the archive's own pages have them, and the words. */
    #address(path, parameters = {}) {
      const address = new URL(path, this.#src);
      address.search = this.getAttribute("filters")?.replace(/^\?/, "") ?? "";
      for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
      return address;
    }

    #label() {
      const label = this.getAttribute("label") || this.#texts.label;
      this.#search.ariaLabel = label;
      this.#input.ariaLabel = label;
      this.#list.ariaLabel = label;
      this.#input.placeholder = this.getAttribute("placeholder") ?? label;
    }

    #typed(event) {
      if (!event.isComposing) this.#later();
    }

    #later() {
      clearTimeout(this.#pause);
      this.#asking?.abort();
      const q = this.value.trim();
      // One letter says something in scripts whose letters are words.
      if (q.length < 2 && !/[^\x00-\x7f]/.test(q)) {
        this.#empty();
        return;
      }
      this.#pause = setTimeout(() => this.#ask(q), PAUSE);
    }

    async #ask(q) {
      const asking = new AbortController();
      this.#asking = asking;
      try {
        if (!this.#src) throw new TypeError("src is not an address");
        const asked = { q, per_page: this.#limit, typing: 1 };
        const answer = await fetch(this.#address("/api/v1/search", asked), {
          signal: asking.signal, credentials: "omit",
        });
        if (!answer.ok) throw new Error(`status ${answer.status}`);
        this.#show(await answer.json(), q);
      } catch (error) {
        if (error.name === "AbortError") return;
        console.warn("essay-search:", error.message);
        this.#list.replaceChildren();
        this.#say(this.#texts.failed);
        this.#toggle(true);
      }
    }

    #show({ hits, total, corrected }, q) {
      const texts = this.#texts;
      const options = hits.map((hit) => this.#option(hit));
      if (total) options.push(this.#link(this.#address("/search", { q }), texts.all(total)));
      options.forEach((option, index) => {
        option.id = `option-${index}`;
      });
      this.#list.replaceChildren(...options);
      const other = corrected?.applied ? `${texts.corrected(corrected.query)}. ` : "";
      this.#say(total ? `${other}${texts.found(total)}` : texts.none);
      this.#panel.scrollTop = 0;
      this.#toggle(this.shadowRoot.activeElement === this.#input);
    }

    /** A result that leads to an address of the archive. */
    #link(address, title) {
      const link = make("a", "option");
      link.href = address.href;
      link.tabIndex = -1;
      link.setAttribute("role", "option");
      link.setAttribute("aria-selected", "false");
      if (this.hasAttribute("target")) {
        link.target = this.getAttribute("target");
        link.rel = "noopener";
      }
      link.append(make("span", "title", title));
      return link;
    }

    #option({ url, title, published, certainty, snippets, excerpt, description }) {
      const address = new URL(url, this.#src);
      const [best] = snippets;
      if (best?.section?.anchor) address.hash = best.section.anchor;
      const link = this.#link(address, title);
      const rating = certainty && (certainty.value ?? `${certainty.percentage}%`);
      const rated = certainty && `${this.#texts.certainty} ${rating}`;
      const about = [published?.slice(0, 10), rated].filter(Boolean).join(" · ");
      if (about) link.append(make("span", "about", about));
      const text = make("span", "text");
      text.append(...(best ? marked(best.fragments) : [excerpt || description]));
      if (text.textContent) link.append(text);
      return link;
    }

    #empty() {
      this.#list.replaceChildren();
      this.#say("");
      this.#toggle(false);
    }

    #say(text) {
      this.#status.textContent = text;
      this.#live.textContent = text;
    }

    #toggle(open) {
      this.#mark(-1);
      this.#panel.hidden = !open;
      this.#input.setAttribute("aria-expanded", String(open && this.#list.childElementCount > 0));
    }

    #mark(index) {
      const options = this.#list.children;
      options[this.#active]?.setAttribute("aria-selected", "false");
      this.#active = options[index] ? index : -1;
      const option = options[this.#active];
      if (option) {
        option.setAttribute("aria-selected", "true");
        option.scrollIntoView({ block: "nearest" });
        this.#input.setAttribute("aria-activedescendant", option.id);
      } else {
        this.#input.removeAttribute("aria-activedescendant");
      }
    }

    #key(event) {
      if (event.isComposing) return;
      const count = this.#list.childElementCount;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (!count) return;
        event.preventDefault();
        if (this.#panel.hidden) this.#toggle(true);
        const step = event.key === "ArrowDown" ? 1 : -1;
        // Beyond either end is the box itself.
        this.#mark(((this.#active + 1 + step + count + 1) % (count + 1)) - 1);
      } else if (event.key === "Escape" && !this.#panel.hidden) {
        event.preventDefault();
        this.close();
      } else if (event.key === "Enter") {
        this.#enter(event);
      }
    }

    /** Follow the result that is marked, or search in the archive itself. */
    #enter(event) {
      event.preventDefault();
      const q = this.value.trim();
      const option = this.#list.children[this.#active];
      if (option) option.click();
      else if (q && this.#src) this.#link(this.#address("/search", { q }), "").click();
    }
  }

  if (!customElements.get("essay-search")) customElements.define("essay-search", EssaySearch);
})();
