// Chinese and English, and how elements are made.

let lang = localStorage.getItem("lang") ?? (navigator.language.startsWith("zh") ? "zh" : "en");

export const language = () => lang;
export function setLanguage(to) {
  lang = to;
  localStorage.setItem("lang", to);
  document.documentElement.lang = to;
}

/** The word in the language of the page: from a pair, or a message of the program. */
export const say = (zh, en) => (lang === "zh" ? zh : en);
export const of = (message) => (message ? message[lang] ?? "" : "");

export const VERDICTS = {
  accept: ["采纳", "Accept", "a"],
  reject: ["不改", "Reject", "r"],
  keep: ["原报如此", "Printed so", "k"],
  custom: ["另改", "Edit", "e"],
  ask: ["请教", "Ask", "c"],
};
export const STATES = {
  open: ["待审", "open"], accept: ["已采纳", "accepted"], reject: ["不改", "rejected"], keep: ["原报如此", "printed so"],
  custom: ["已另改", "edited"], ask: ["请教中", "asked"], conflict: ["说法不一", "conflict"], carried: ["沿用前次", "carried over"],
};
export const OUTCOMES = { applied: ["已自动改", "applied"], held: ["待审", "held"], rejected: ["受保护", "protected"], skipped: ["让位", "skipped"] };
export const TIERS = { automatic: ["自动", "automatic"], suggested: ["建议", "suggested"], flagged: ["存疑", "flagged"] };
export const word = (table, key) => (table[key] ? say(table[key][0], table[key][1]) : key);

/** An element: attributes, `on…` handlers, and children, which are texts or elements. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "class") element.className = value;
    else if (key === "value") element.value = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...shown(children));
  return element;
}

/** What is there of a list of children: a condition that does not hold leaves nothing. */
const shown = (children) => children.flat(9).filter((child) => child !== null && child !== undefined && child !== false && child !== "");

/** Puts children in the place of those an element has. */
export function put(element, ...children) {
  element.replaceChildren(...shown(children));
}

/** Direction marks and control characters are shown, so that none can reorder or hide what is read. */
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
export const visible = (text) => text.replace(/\r/g, "").replace(HIDDEN, (c) => `⟨${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);
/** The same on one line. */
export const flat = (text) => visible(text).replace(/\n+/g, "⏎").replace(/\t/g, " ");

export const percent = (share) => `${Math.round(100 * share)}%`;
export const number = (value, digits = 1) => value.toLocaleString(lang === "zh" ? "zh-CN" : "en", { maximumFractionDigits: digits, minimumFractionDigits: 0 });

/** What was read and what becomes of it, character by character at either end the same. */
export function change(observed, proposal) {
  const [a, b] = [[...observed], [...proposal]];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  const part = (from, to, list) => list.slice(from, to).join("");
  return { head: part(0, head, a), removed: part(head, a.length - tail, a), added: part(head, b.length - tail, b), tail: part(a.length - tail, a.length, a) };
}

/** The change as marked text. `show` makes characters readable. */
export function marked(observed, proposal, show = flat) {
  if (proposal === null || proposal === undefined) return [h("mark", { class: "suspect" }, show(observed) || "∅")];
  const { head, removed, added, tail } = change(observed, proposal);
  return [show(head), removed && h("del", {}, show(removed)), added && h("ins", {}, show(added)), show(tail)];
}
