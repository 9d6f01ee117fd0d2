// How does a part of the page become its newer self without being replaced? Node by node: what
// stays keeps its focus, its caret, its place in a scrolled list, and whether it is unfolded.

/** Marks a node that a script added: the server does not know it, so it is left where it is. */
export const KEPT = "data-kept";

const kept = (node) => node.nodeType === Node.ELEMENT_NODE && node.hasAttribute(KEPT);

/** What a node is: two nodes with one sign are the same thing, before and after. */
function sign(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return node.nodeName;
  const name = node.localName;
  if (node.id) return `${name}#${node.id}`;
  if (node.dataset.facet) return `${name}@${node.dataset.facet}`;
  if (name !== "li") return `${name}.${node.classList[0] ?? ""}`;
  const about = node.querySelector("input, h2 a");
  return `li ${about?.getAttribute("value") ?? about?.getAttribute("href") ?? ""}`;
}

/** The newer state of what readers change by hand; attributes only say how it began. */
function state(old, fresh) {
  if (old.type === "checkbox") old.checked = fresh.hasAttribute("checked");
  if (old.type !== "number") return;
  const value = fresh.getAttribute("value") ?? "";
  // "07" and "7" are one number: what is being typed is not rewritten.
  if (!old.value !== !value || Number(old.value) !== Number(value)) old.value = value;
}

function attributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}

function children(old, fresh) {
  const wanted = [...fresh.childNodes].map((node) => [node, sign(node)]);
  const places = new Map();
  for (const [, is] of wanted) places.set(is, (places.get(is) ?? 0) + 1);
  const known = new Map();
  for (const node of [...old.childNodes]) {
    if (kept(node)) continue;
    const is = sign(node);
    const free = places.get(is) ?? 0;
    // Gone first, so that what stays need not move: a node that moves loses its focus.
    if (!free) {
      node.remove();
      continue;
    }
    places.set(is, free - 1);
    known.set(is, [...(known.get(is) ?? []), node]);
  }
  let at = old.firstChild;
  for (const [node, is] of wanted) {
    while (at && kept(at)) at = at.nextSibling;
    const match = known.get(is)?.shift();
    if (match === undefined) {
      old.insertBefore(node, at);
      continue;
    }
    if (match === at) at = at.nextSibling;
    else old.insertBefore(match, at);
    morph(match, node);
  }
}

/** Makes `old` say what `fresh` says; nodes of `fresh` may be taken over. */
export function morph(old, fresh) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  if (old.isEqualNode(fresh) && !old.matches("input") && !old.querySelector("input")) return;
  attributes(old, fresh);
  if (old.localName === "input") state(old, fresh);
  children(old, fresh);
}
