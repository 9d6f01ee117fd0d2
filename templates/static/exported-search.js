// The search of an exported site: the same records, without a server. The page stands as it was
// exported, with all essays; this script answers what the address or the form asks, and loads of
// the data what the answer needs. Everything but the hits, which the site wrote, is made here.

const form = document.getElementById("page--search");
const desk = document.querySelector(".desk");
const found = document.getElementById("page--found");
const told = document.getElementById("page--told");
const head = found.querySelector(".found-head");
const sorts = found.querySelector(".sorts");
const title = document.title.slice(document.title.indexOf("Search"));
/** Milliseconds without a keystroke before a question is answered. */
const PAUSE = 200;
/** Weights of words are in steps of five bits; files of words that a beginning may load. */
const STEPS = 31;
const MOST_FILES = 6;
/** Values of a facet that are listed. */
const MOST_VALUES = 100;
/** Of each facet, a box to copy, and how many stand before the fold. */
const [patterns, lengths] = [{}, {}];
const SCALES = { certainty: 100, importance: 10 };
const SORTS = ["relevance", "newest", "updated", "importance", "certainty", "title"];

// -- the data ------------------------------------------------------------------------------------

const arrived = new Map();
const loads = new Map();
let table;

window.essays = {
  index: (content) => arrived.set("index", content),
  words: (number, content) => arrived.set(`words-${number}`, content),
  hits: (number, content) => arrived.set(`hits-${number}`, content),
};

/** The content of a file of data, loaded once. */
function load(name) {
  if (!loads.has(name)) {
    const loading = new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = `data/${name}.js`;
      script.onload = () => resolve(arrived.get(name));
      script.onerror = () => {
        loads.delete(name);
        reject(new Error(name));
      };
      document.head.append(script);
    });
    loads.set(name, loading);
  }
  return loads.get(name);
}

/** The number of the file of words that has a word, if any has. */
function fileOf(word) {
  let [low, high] = [0, table.starts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (table.starts[middle] <= word) low = middle;
    else high = middle - 1;
  }
  return low;
}

// -- words ---------------------------------------------------------------------------------------

const ALIKE = { œ: "oe", æ: "ae", ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", ß: "ss", ı: "i" };
const OWN = "йўї";

/** A letter without accents, as the index has it. */
const bare = (letter) =>
  OWN.includes(letter) ? letter : (ALIKE[letter] ?? letter.normalize("NFKD").replace(/\p{Mn}/gu, ""));

function fold(word) {
  const plain = word.replaceAll("’", "'").replace(/'s$/i, "").replaceAll("'", "");
  return [...plain.toLowerCase().normalize("NFC")].map(bare).join("").normalize("NFC");
}

const WORD = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?:['’](?:s|t|d|m|re|ve|ll)(?![\p{L}\p{N}]))?|[\u2600-\u27bf\u{1f000}-\u{1faff}]/giu;
const ARTICLE = /(?<![\p{L}\p{N}])\p{L}{1,2}['’](?=\p{L})(?!['’]?(?:s|t|d|m|re|ve|ll)(?![\p{L}\p{N}]))/gu;

/** The folded words of a text; of scripts without spaces, every two letters side by side. */
function wordsOf(text) {
  const words = [];
  text.split(new RegExp(table.runs, "u")).forEach((stretch, number) => {
    if (number % 2) {
      const letters = [...stretch.normalize("NFC")];
      if (letters.length === 1) words.push(letters[0]);
      for (let n = 0; n + 1 < letters.length; n++) words.push(letters[n] + letters[n + 1]);
    } else {
      for (const [word] of stretch.replace(ARTICLE, "").matchAll(WORD)) words.push(fold(word));
    }
  });
  return words.filter(Boolean);
}

/** The terms of a word; of a form that no essay has, those of a word it may be a form of. */
async function termsOf(word) {
  const look = async (key) => {
    const { t, f } = await load(`words-${fileOf(key)}`);
    return f[key] ?? (Object.hasOwn(t, key) ? [key] : []);
  };
  const terms = await look(word);
  if (terms.length) return terms;
  for (const [ending, ...others] of [["ies", "y"], ["ing", "", "e"], ["ed", "", "e"], ["ly", ""], ["es", "", "e"], ["s", ""]]) {
    if (!word.endsWith(ending) || word.length < ending.length + 3) continue;
    for (const other of others) {
      const near = await look(word.slice(0, -ending.length) + other);
      if (near.length) return near;
    }
  }
  return [];
}

/** Every term of words that begin so. */
async function termsFrom(beginning) {
  const terms = new Set();
  const first = fileOf(beginning);
  for (let file = first; file < table.starts.length && file < first + MOST_FILES; file++) {
    if (file > first && !table.starts[file].startsWith(beginning) && table.starts[file] > beginning) break;
    const { t, f } = await load(`words-${file}`);
    for (const key of Object.keys(t)) if (key.startsWith(beginning)) terms.add(key);
    for (const [key, others] of Object.entries(f)) if (key.startsWith(beginning)) others.forEach((it) => terms.add(it));
  }
  return [...terms];
}

// -- a query -------------------------------------------------------------------------------------

/** An answer: which essays (a byte each) and what they weigh. */
const none = () => ({ mask: new Uint8Array(table.count), score: new Float32Array(table.count), words: 0 });

async function weighed(terms) {
  const answer = { ...none(), words: 1 };
  for (const term of terms) {
    const { t } = await load(`words-${fileOf(term)}`);
    const postings = t[term] ?? [];
    const rarity = Math.log(1 + (table.count - postings.length + 0.5) / (postings.length + 0.5));
    let essay = 0;
    for (const posting of postings) {
      essay += posting >> 5;
      answer.mask[essay] = 1;
      answer.score[essay] = Math.max(answer.score[essay], (rarity * (posting & STEPS)) / STEPS);
    }
  }
  return answer;
}

const where = (test) => {
  const answer = none();
  for (let essay = 0; essay < table.count; essay++) answer.mask[essay] = test(essay) ? 1 : 0;
  return answer;
};

function both(a, b) {
  const answer = { ...none(), words: a.words + b.words };
  for (let essay = 0; essay < table.count; essay++) {
    answer.mask[essay] = a.mask[essay] & b.mask[essay];
    answer.score[essay] = a.score[essay] + b.score[essay];
  }
  return answer;
}

function either(a, b) {
  const answer = both(a, b);
  for (let essay = 0; essay < table.count; essay++) answer.mask[essay] = a.mask[essay] | b.mask[essay];
  return answer;
}

const not = (a) => where((essay) => !a.mask[essay]);

const key = (value) => value.normalize("NFC").toLowerCase().split(/\s+/u).filter(Boolean).join(" ");

function valued(facet, value) {
  const id = table.values[facet].findIndex((it) => key(it) === key(value));
  const of = table.of[facet];
  return where((essay) => of[essay] === id || (Array.isArray(of[essay]) && of[essay].includes(id)));
}

/** Splits `>=a`, `a..b` or `a` into its two ends and whether they are included. */
function ends(text) {
  const [, sign, bound] = /^(>=|<=|>|<|=)?(.*)$/u.exec(text);
  const [low, high] = sign ? [bound, bound] : text.includes("..") ? text.split("..") : [text, text];
  return { sign: sign ?? (text.includes("..") ? ".." : "="), low, high };
}

const day = (text, last) => {
  const [year, month, date] = text.split("-").map(Number);
  if (!/^\d{1,4}(-\d{1,2}){0,2}$/.test(text)) return NaN;
  const at = last && !date ? Date.UTC(year, month || 12, 0) : Date.UTC(year, (month || 1) - 1, date || 1);
  return at / 864e5;
};

function ranged(column, text, read) {
  const { sign, low, high } = ends(text);
  const [least, most] = [low === "" ? -Infinity : read(low, false), high === "" ? Infinity : read(high, true)];
  if (Number.isNaN(least) || Number.isNaN(most)) return null;
  return where((essay) => {
    const value = column[essay];
    if (value === null) return false;
    if (sign === ">") return value > most;
    if (sign === ">=") return value >= least;
    if (sign === "<") return value < least;
    if (sign === "<=") return value <= most;
    return value >= least && value <= most;
  });
}

function rated(facet, text) {
  const whole = SCALES[facet] === 10 ? 10 : 1;
  const number = (it) => {
    const word = table.percentages[facet][key(it)];
    return /^[\d.]+%?$/.test(it) ? parseFloat(it) * (it.endsWith("%") ? 1 : whole) : (word ?? NaN);
  };
  const plain = !/^[<>=]|\.\./.test(text);
  if (plain && table.values[facet].some((it) => key(it) === key(text))) return valued(facet, text);
  return ranged(table.percent[facet], text, number);
}

/** What `name:text` selects; null where it cannot be meant so. */
function field(name, text) {
  if (name === "date" || name === "updated") {
    return ranged(table.days[name === "date" ? "published" : "updated"], text, day);
  }
  if (name === "is" || name === "has") {
    const bit = table.names.indexOf(text.toLowerCase());
    return bit < 0 ? where(() => false) : where((essay) => Math.floor(table.flags[essay] / 2 ** bit) % 2);
  }
  if (name === "unrated") return table.values[text] ? valued(text, "unrated") : null;
  if (table.percent[name]) return rated(name, text);
  return table.values[name] ? valued(name, text) : null;
}

const TOKEN = /(-?\()|(\))|(-)?(?:(\p{L}[\p{L}\p{N}_]*):)?(?:"([^"]*)"?|([^\s()"]+))/gu;

/** Answers a query. Its words gather in `asked`, what cannot be answered as asked in `notes`. */
async function answer(text, asked, notes) {
  const tokens = [...text.matchAll(TOKEN)];
  let at = 0;

  async function words(phrase, unfinished) {
    let all = null;
    const listed = wordsOf(phrase);
    for (const [n, word] of listed.entries()) {
      const terms = unfinished && n === listed.length - 1 ? await termsFrom(word) : await termsOf(word);
      if (!terms.length) notes.push(`No essay has “${word}”.`);
      asked.push({ word, terms, unfinished });
      const one = await weighed(terms);
      asked.at(-1).answer = one;
      all = all ? both(all, one) : one;
    }
    return all;
  }

  async function part() {
    const [, open, , minus, name, phrase, bareWord] = tokens[at++];
    if (open) {
      const inside = await any();
      if (tokens[at]?.[2]) at++;
      return open === "-(" && inside ? not(inside) : inside;
    }
    if (!minus && bareWord === "NOT" && !name) {
      const next = at < tokens.length && !tokens[at][2] ? await part() : null;
      return next && not(next);
    }
    const said = phrase ?? bareWord ?? "";
    let selected = name ? field(name.toLowerCase(), said) : null;
    if (!selected) {
      const kept = asked.length;
      if (bareWord?.endsWith("~")) notes.push("Similar spellings are not looked for here: this site searches in your browser.");
      if (phrase !== undefined && wordsOf(phrase).length > 1) {
        notes.push("The words of a phrase are found apart as well: this site searches in your browser.");
      } else if (phrase) {
        notes.push("A word between quotation marks is found in any form: this site searches in your browser.");
      }
      const known = ["title", "author", "cites", "text"].includes(name?.toLowerCase());
      selected = await words(name && !known ? `${name} ${said}` : said, phrase === undefined && said.endsWith("*"));
      if (minus) asked.length = kept;
    }
    return minus && selected ? not(selected) : selected;
  }

  async function all() {
    let result = null;
    while (at < tokens.length && !tokens[at][2] && tokens[at][0] !== "OR") {
      if (tokens[at][0] === "AND") at++;
      else {
        const next = await part();
        if (next) result = result ? both(result, next) : next;
      }
    }
    return result;
  }

  async function any() {
    let result = await all();
    while (tokens[at]?.[0] === "OR") {
      at++;
      const next = await all();
      result = result && next ? either(result, next) : (result ?? next);
    }
    return result;
  }

  let result = null;
  while (at < tokens.length) {
    if (tokens[at][2]) at++;
    else {
      const next = await any();
      if (next) result = result ? both(result, next) : next;
    }
  }
  const simple = asked.length > 1 && asked.length === tokens.length;
  if (simple && result && !result.mask.includes(1)) {
    const loose = asked.map((it) => it.answer).reduce(either);
    const most = Math.max(...loose.score);
    if (most > 0) {
      notes.push("No essay has all of these words; these have most of them.");
      return { ...loose, mask: loose.mask.map((it, essay) => it && loose.score[essay] >= most / 2) };
    }
  }
  return result;
}

// -- a request -----------------------------------------------------------------------------------

/** The request that an address or a form says. */
function read(fields) {
  const asked = { q: (fields.get("q") ?? "").trim(), filters: {}, ranges: {}, random: fields.has("random") };
  for (const facet of Object.keys(table.of)) {
    const values = fields.getAll(facet).filter((value) => value.trim());
    if (values.length) asked.filters[facet] = values;
  }
  for (const facet of Object.keys(SCALES)) {
    const [low, high] = ["min", "max"].map((end) => fields.get(`${facet}_${end}`)?.trim() || null);
    if (low !== null || high !== null) asked.ranges[facet] = [low, high];
  }
  asked.sort = SORTS.includes(fields.get("sort")) ? fields.get("sort") : null;
  asked.page = Math.max(1, parseInt(fields.get("page") ?? "1", 10) || 1);
  return asked;
}

/** The address of a request; a changed one begins at its first page. */
function address(asked, changes = {}) {
  const it = { ...asked, page: 1, ...changes };
  const fields = new URLSearchParams();
  if (it.q) fields.set("q", it.q);
  for (const [facet, values] of Object.entries(it.filters)) values.forEach((value) => fields.append(facet, value));
  for (const [facet, [low, high]] of Object.entries(it.ranges)) {
    if (low !== null) fields.set(`${facet}_min`, low);
    if (high !== null) fields.set(`${facet}_max`, high);
  }
  if (it.sort) fields.set("sort", it.sort);
  if (it.page > 1) fields.set("page", it.page);
  const query = fields.toString();
  return location.pathname.split("/").at(-1) + (query && `?${query}`);
}

const without = (record, name) => Object.fromEntries(Object.entries(record).filter(([it]) => it !== name));

/** What a request finds: essays in order, and the counts of every facet under all other filters. */
async function find(asked) {
  const [words, notes] = [[], []];
  const query = asked.q ? await answer(asked.q, words, notes) : null;
  const masks = Object.entries(asked.filters).map(([facet, values]) => ({
    facet,
    mask: values.map((value) => valued(facet, value)).reduce(either).mask,
  }));
  for (const [facet, [low, high]] of Object.entries(asked.ranges)) {
    const scale = 100 / SCALES[facet];
    const [least, most] = [low === null ? -Infinity : low * scale, high === null ? Infinity : high * scale];
    const percent = table.percent[facet];
    masks.push({ range: facet, mask: where((it) => percent[it] !== null && percent[it] >= least && percent[it] <= most).mask });
  }
  const counts = Object.fromEntries(Object.keys(table.of).map((facet) => [facet, new Uint32Array(table.values[facet].length)]));
  const bars = Object.fromEntries(Object.keys(SCALES).map((facet) => [facet, new Uint32Array(10)]));
  const count = (facet, essay) => [table.of[facet][essay]].flat().forEach((id) => counts[facet][id]++);
  const stack = (facet, essay) => {
    const percent = table.percent[facet][essay];
    if (percent !== null) bars[facet][Math.min(9, Math.floor(percent / 10))]++;
  };
  const essays = [];
  for (let essay = 0; essay < table.count; essay++) {
    if (query && !query.mask[essay]) continue;
    const failed = masks.filter(({ mask }) => !mask[essay]);
    if (failed.length > 1) continue;
    const [only] = failed;
    if (!only) {
      essays.push(essay);
      Object.keys(counts).forEach((facet) => count(facet, essay));
      Object.keys(bars).forEach((facet) => stack(facet, essay));
    } else if (only.facet) count(only.facet, essay);
    else stack(only.range, essay);
  }
  const relevant = Boolean(query?.words);
  const sort = asked.sort === "relevance" && !relevant ? "newest" : (asked.sort ?? (relevant ? "relevance" : "newest"));
  if (sort === "relevance") essays.sort((a, b) => query.score[b] - query.score[a] || a - b);
  else if (sort !== "newest") {
    const rank = new Uint32Array(table.count);
    table.orders[sort].forEach((essay, place) => (rank[essay] = place));
    essays.sort((a, b) => rank[a] - rank[b]);
  }
  return { essays, counts, bars, sort, words, notes: [...new Set(notes)], relevant };
}

// -- the page ------------------------------------------------------------------------------------

function element(name, attributes = {}, ...children) {
  const it = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) it.setAttribute(attribute, value === true ? "" : value);
  }
  it.append(...children);
  return it;
}

const essaysIn = (count) => `${count} ${count === 1 ? "essay" : "essays"}`;
const label = (name) => desk.querySelector(`[data-facet="${CSS.escape(name)}"] legend`)?.textContent ?? name;

function chips(asked) {
  const list = element("ul", { class: "chips", "aria-label": "Active filters" });
  const chip = (facet, shown, href) =>
    list.append(
      element("li", {}, element("a", { href, "aria-label": `Remove ${facet}: ${shown}` },
        element("span", { class: "of" }, facet), " ", element("span", { dir: "auto" }, shown), " ",
        element("span", { class: "x", "aria-hidden": "true" }, "×"))),
    );
  for (const [facet, values] of Object.entries(asked.filters)) {
    for (const value of values) {
      const kept = values.filter((it) => it !== value);
      chip(facet, value, address(asked, { filters: kept.length ? { ...asked.filters, [facet]: kept } : without(asked.filters, facet) }));
    }
  }
  for (const [facet, [low, high]] of Object.entries(asked.ranges)) {
    chip(facet, `${low ?? 0}–${high ?? SCALES[facet]}${SCALES[facet] === 100 ? "%" : ""}`, address(asked, { ranges: without(asked.ranges, facet) }));
  }
  if (list.children.length > 1) {
    list.append(element("li", {}, element("a", { class: "all", href: address(asked, { filters: {}, ranges: {} }) }, "Clear all")));
  }
  return list.children.length ? [list] : [];
}

function orders(asked, { sort, relevant, essays }) {
  if (essays.length < 2 || !sorts) return [];
  const names = { newest: "Newest", updated: "Recently updated", title: "Title", relevance: "Relevance" };
  const links = SORTS.filter((it) => it !== "relevance" || relevant).map((it) =>
    element("li", {}, element("a", { href: address(asked, { sort: it }), "aria-current": it === sort && "true" }, names[it] ?? label(it))));
  return [element("nav", { class: "sorts", "aria-label": "Order of results" }, element("ul", {}, ...links))];
}

function pages(asked, last) {
  if (last < 2) return [];
  const at = asked.page;
  const link = (page, text, attributes = {}) => element("a", { href: address(asked, { page }), ...attributes }, text);
  const items = [element("li", { class: "turn" }, ...(at > 1 ? [link(at - 1, "← Previous", { rel: "prev" })] : []))];
  let before = 0;
  for (const page of [...new Set([1, 2, at - 1, at, at + 1, last])].filter((it) => it >= 1 && it <= last).sort((a, b) => a - b)) {
    if (page > before + 1) items.push(element("li", { class: "gap", "aria-hidden": "true" }, "…"));
    items.push(element("li", {}, link(page, String(page), { "aria-label": `Page ${page}`, "aria-current": page === at && "page" })));
    before = page;
  }
  items.push(element("li", { class: "turn" }, ...(at < last ? [link(at + 1, "Next →", { rel: "next" })] : [])));
  return [element("nav", { class: "pages", "aria-label": "Pages of results" }, element("ul", {}, ...items))];
}

/** Marks the words of a query in titles and descriptions. */
function mark(list, words) {
  const terms = new Set(words.flatMap((it) => it.terms));
  const is = (word) => {
    const { t, f } = arrived.get(`words-${fileOf(word)}`) ?? { t: {}, f: {} };
    return (f[word] ?? (Object.hasOwn(t, word) ? [word] : [])).some((it) => terms.has(it));
  };
  if (!terms.size) return;
  for (const part of list.querySelectorAll("h2 a, .dek, .snippets li")) {
    const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode);
    for (const text of texts) {
      for (const match of [...text.data.matchAll(WORD)].reverse()) {
        if (!is(fold(match[0]))) continue;
        const word = text.splitText(match.index);
        word.splitText(match[0].length);
        const marked = element("mark");
        word.replaceWith(marked);
        marked.append(word);
      }
    }
  }
}

async function hits(asked, { essays, words }) {
  const first = (asked.page - 1) * table.perPage;
  const shown = essays.slice(first, first + table.perPage);
  if (!shown.length) {
    const narrowed = Object.keys(asked.filters).length + Object.keys(asked.ranges).length;
    const ways = element("ul", { class: "ways" });
    if (narrowed && asked.q) ways.append(element("li", {}, element("a", { href: address(asked, { filters: {}, ranges: {} }) }, "Without the filters")));
    ways.append(element("li", {}, element("a", { href: address({ q: "", filters: {}, ranges: {} }) }, "All essays")));
    return element("div", { class: "nothing" }, element("p", {}, essays.length ? `There is no page ${asked.page}.` : "No essays found."), ways);
  }
  const list = element("ol", { class: "hits", start: first + 1 });
  const html = await Promise.all(
    shown.map(async (essay) => (await load(`hits-${Math.floor(essay / table.perFile)}`))[essay % table.perFile]),
  );
  list.innerHTML = html.join("");
  mark(list, words);
  return list;
}

/** The boxes of a facet's values: those that choosing would bring something, and the chosen. */
function boxes(facet, chosen, counts, pattern) {
  const values = table.values[facet];
  const ids = values.map((_, id) => id).filter((id) => counts[id] || chosen.has(key(values[id])));
  if (!table.percent[facet] && facet !== "year") ids.sort((a, b) => counts[b] - counts[a] || a - b);
  const known = new Set(values.map(key));
  const strange = [...chosen].filter(([it]) => !known.has(it)).map(([, value]) => ({ value, number: 0 }));
  const listed = ids.slice(0, MOST_VALUES).map((id) => ({ value: values[id], number: counts[id] }));
  return [...strange, ...listed].map(({ value, number }) => {
    const item = pattern.cloneNode(true);
    const input = item.querySelector("input");
    input.value = value;
    input.checked = chosen.has(key(value));
    item.classList.toggle("nil", !number);
    item.querySelector(".value").textContent = value;
    item.querySelector(".count").replaceChildren(String(number), element("span", { class: "vh" }, number === 1 ? " essay" : " essays"));
    return item;
  });
}

function facets(asked, { counts, bars }) {
  const { activeElement } = document;
  for (const box of desk.querySelectorAll("[data-facet]")) {
    const facet = box.dataset.facet;
    const chosen = new Map((asked.filters[facet] ?? []).map((value) => [key(value), value]));
    const [first, rest] = box.querySelectorAll(".boxes");
    const pattern = box.querySelector(".boxes li");
    if (pattern) {
      lengths[facet] ??= rest ? first.children.length : Infinity;
      const items = boxes(facet, chosen, counts[facet], pattern);
      patterns[facet] ??= pattern.cloneNode(true);
      first.replaceChildren(...items.slice(0, lengths[facet]));
      rest?.replaceChildren(...items.slice(lengths[facet]));
      if (rest) rest.closest(".more").hidden = items.length <= lengths[facet];
      const summary = rest?.closest(".more").querySelector("summary");
      if (summary) summary.textContent = `Show all ${items.length}`;
    } else if (patterns[facet]) first.replaceChildren(...boxes(facet, chosen, counts[facet], patterns[facet]));
    const clear = box.querySelector(".clear");
    if (clear) {
      clear.hidden = !chosen.size && !asked.ranges[facet];
      clear.href = address(asked, { filters: without(asked.filters, facet), ranges: without(asked.ranges, facet) });
    }
    if (SCALES[facet]) scale(box, facet, asked, bars[facet]);
    const empty = !box.querySelector(".boxes li") && !asked.ranges[facet] && !bars[facet]?.some(Boolean);
    box.style.display = empty ? "none" : "";
  }
  if (activeElement?.name && !activeElement.isConnected) {
    [...form.elements].find((it) => it.name === activeElement.name && it.value === activeElement.value)?.focus({ preventScroll: true });
  }
}

function scale(box, facet, asked, bars) {
  const [low, high] = asked.ranges[facet] ?? [null, null];
  for (const [end, value] of [["min", low], ["max", high]]) {
    const input = box.querySelector(`[name="${facet}_${end}"]`);
    if (input && document.activeElement !== input) input.value = value ?? "";
  }
  const top = Math.max(...bars, 1);
  const step = SCALES[facet] / 10;
  box.querySelectorAll(".histogram li").forEach((bar, n) => {
    const inside = (low !== null || high !== null) && n * step <= (high ?? Infinity) && (n + 1) * step > (low ?? -Infinity);
    bar.classList.toggle("in", inside);
    const text = bar.firstElementChild.title.replace(/: .*/, `: ${essaysIn(bars[n])}`);
    bar.firstElementChild.title = text;
    bar.querySelector(".vh").textContent = text;
    bar.querySelector("svg").setAttribute("height", `${Math.round((1000 * bars[n]) / top) / 10}%`);
  });
}

let latest = 0;
let current;

/** Answers a request and shows it, unless another one was made meanwhile. */
async function show(asked) {
  const mine = ++latest;
  found.setAttribute("aria-busy", "true");
  try {
    table ??= await load("index");
    asked = asked instanceof URLSearchParams ? read(asked) : asked;
    const result = await find(asked);
    if (asked.random && result.essays.length) {
      const essay = result.essays[Math.floor(Math.random() * result.essays.length)];
      const list = element("ol");
      list.innerHTML = (await load(`hits-${Math.floor(essay / table.perFile)}`))[essay % table.perFile];
      location.replace(list.querySelector("h2 a").href);
      return;
    }
    const list = await hits(asked, result);
    if (mine !== latest) return;
    const total = result.essays.length;
    const last = Math.ceil(total / table.perPage);
    const narrowed = Object.keys(asked.filters).length + Object.keys(asked.ranges).length > 0;
    current = asked;
    document.title = (asked.q && `${asked.q} · `) + title;
    head.querySelector("h1").textContent = asked.q ? `“${asked.q}”` : narrowed ? "Filtered essays" : "All essays";
    const first = (asked.page - 1) * table.perPage + 1;
    const part = last > 1 && first <= total ? [element("span", {}, `${first}–${Math.min(first + table.perPage - 1, total)} of `)] : [];
    head.querySelector(".tally").replaceChildren(...part, element("strong", {}, String(total || "No")), ` ${total === 1 ? "essay" : "essays"}`);
    const notes = result.notes.map((it) => element("p", { class: "note" }, it));
    found.replaceChildren(head, ...chips(asked), ...notes, ...orders(asked, result), list, ...pages(asked, last));
    if (document.activeElement !== form.elements.q) form.elements.q.value = asked.q;
    facets(asked, result);
    for (const map of desk.querySelectorAll(".small-map")) map.style.display = narrowed || asked.q ? "none" : "";
    told.textContent = total ? essaysIn(total) : "No essays";
  } catch (error) {
    if (mine !== latest) return;
    found.replaceChildren(head, element("p", { class: "note" }, `A part of the index could not be loaded (${error.message}). Try again.`));
  } finally {
    if (mine === latest) found.removeAttribute("aria-busy");
  }
}

/** Shows a request under its address; where a browser keeps the address, it loads the page anew. */
function go(asked, how) {
  try {
    history[`${how}State`](null, "", address(asked, { page: asked.page }));
  } catch {
    if (how === "push") location.assign(address(asked, { page: asked.page }));
  }
  show(asked);
}

const asForm = () => {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value.trim()) fields.append(name, value.trim());
  return { ...read(fields), sort: current?.sort ?? null };
};

let pause;
form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(pause);
  if (table) go(asForm(), "push");
});
document.addEventListener("change", ({ target }) => {
  if (table && target.form === form && target.name !== "q" && form.reportValidity()) go(asForm(), "push");
});
form.elements.q.addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(() => table && go(asForm(), "replace"), PAUSE);
});
desk.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const to = new URL(link.href);
  if (!table || to.pathname !== location.pathname || to.hash) return;
  event.preventDefault();
  const asked = read(to.searchParams);
  // A bar was exported as a range alone; here it narrows what is shown.
  const bar = link.closest(".histogram");
  go(bar ? { ...current, page: 1, ranges: { ...current.ranges, ...asked.ranges } } : asked, "push");
  if (link.closest(".pages")) found.scrollIntoView();
});
addEventListener("popstate", () => show(new URLSearchParams(location.search)));
// As it was exported the page answers an address without a question.
if (location.search) show(new URLSearchParams(location.search));
else load("index").then((content) => {
  table = content;
  current = read(new URLSearchParams());
});
