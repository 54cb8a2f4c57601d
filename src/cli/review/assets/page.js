// The whole page: the original and what becomes of it, side by side.

import { ask } from "./server.js";
import { h, put, say, of, word, visible, number, STATES, OUTCOMES } from "./words.js";

export async function open(main, query, app) {
  const file = query.file ?? app.state.files[0]?.name;
  const files = h("nav", { class: "files", "aria-label": say("文件", "Files") }, h("ul", {}, app.state.files.map((one) => h("li", {}, h("a", { href: app.address("page", { file: one.name }), "aria-current": one.name === file ? "true" : null }, h("span", { class: "name" }, one.name), one.open ? h("b", {}, number(one.open, 0)) : "")))));
  if (!file) { put(main, h("p", { class: "empty" }, say("报告里没有文件。", "The report has no files."))); return {}; }
  const { segments, findings, from, to, length } = await ask("page", { file, from: query.from });
  const target = query.id;
  const tooltip = (about) => `${of(app.state.classes.find((one) => one.name === about.class)) || about.class} · ${about.rule} · ${about.state.name === "open" ? word(OUTCOMES, about.outcome) : word(STATES, about.state.name)}`;
  const newlines = (text) => visible(text).replace(/\n/g, "⏎\n");
  const link = (segment, kind, text, className) => {
    const about = findings[segment.finding];
    if (!about) return h(kind, { class: className, title: say("手改", "by hand") }, text);
    const status = about.state.name === "open" && about.outcome === "applied" ? "all" : about.state.name === "open" ? "open" : "all";
    return h("a", { class: `at is-${about.state.name}`, "data-id": about.id, title: tooltip(about), href: app.address("queue", { file, sort: "file", status: status === "open" ? "" : status, id: about.id }) }, h(kind, { class: className ?? (kind === "mark" ? "suspect" : "") }, text));
  };
  /** What an edit does to the structure, said in words where the text alone would not show it. */
  const deed = (segment) => {
    const name = findings[segment.finding]?.class;
    const n = segment.old.replace(/\s/g, "").length;
    if (segment.new.trim() === "" && /\n/.test(segment.old) && n === 0 && !segment.new.includes("\n")) return say("接", "joined");
    if (segment.new === "" && n > 8) return name === "duplicate-block" ? say(`重复，删去 ${n} 字`, `a second copy: ${n} characters removed`) : ["jump-line", "reading-order", "furniture"].includes(name) ? say(`移走 ${n} 字`, `${n} characters moved away`) : say(`删去 ${n} 字`, `${n} characters removed`);
    return null;
  };
  const left = [];
  const right = [];
  for (const segment of segments) {
    const isChange = segment.new !== undefined;
    if (!isChange && segment.finding === undefined) { left.push(visible(segment.old)); right.push(visible(segment.old)); continue; }
    if (!isChange) { left.push(link(segment, "mark", visible(segment.old) || "‸")); right.push(link(segment, "mark", visible(segment.old) || "‸")); continue; }
    const label = deed(segment);
    left.push(segment.old ? link(segment, "del", newlines(segment.old)) : link(segment, "del", "‸"));
    right.push(segment.new ? link(segment, "ins", newlines(segment.new)) : label ? link(segment, "span", label, "cut label") : h("span", { class: segment.old.trim() ? "cut" : "cut space", title: say("此处删去", "removed here") }, "‸"));
  }
  const column = (title, content, name) => h("section", { class: `column ${name}`, "aria-label": title, tabindex: "0" }, h("h2", {}, title), h("div", { class: "text", lang: "zh" }, content));
  const columns = [column(say("原文", "As it was read"), left, "old"), column(say("成稿", "The result"), right, "new")];
  // The two scroll together, by share of their heights.
  let leader = null;
  columns.forEach((one, nth) => one.addEventListener("scroll", () => {
    if (leader && leader !== one) return;
    leader = one;
    const other = columns[1 - nth];
    other.scrollTop = (one.scrollTop / Math.max(1, one.scrollHeight - one.clientHeight)) * (other.scrollHeight - other.clientHeight);
    clearTimeout(one.timer);
    one.timer = setTimeout(() => { leader = null; }, 90);
  }, { passive: true }));
  const turn = length > to - from && h("p", { class: "turn" }, from > 0 && h("a", { href: app.address("page", { file, from: Math.max(0, from - 50000) }) }, say("← 前一段", "← back")), ` ${number((100 * from) / length, 0)}–${number((100 * to) / length, 0)}% `, to < length && h("a", { href: app.address("page", { file, from: to }) }, say("后一段 →", "on →")));
  put(main, h("div", { class: "whole" }, files, h("div", { class: "sides" }, turn, h("div", { class: "columns" }, columns))));
  files.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  const turnTo = (step) => {
    const names = app.state.files.map((one) => one.name);
    const to = names[names.indexOf(file) + step];
    if (to) app.go("page", { file: to });
  };
  const marks = [...columns[0].querySelectorAll(".at")];
  let at = Math.max(0, marks.findIndex((mark) => mark.dataset.id === target));
  const show = (nth, focus = true) => {
    if (!marks.length) return;
    at = (nth + marks.length) % marks.length;
    main.querySelectorAll(".at.here").forEach((mark) => mark.classList.remove("here"));
    main.querySelectorAll(`.at[data-id="${CSS.escape(marks[at].dataset.id)}"]`).forEach((mark) => mark.classList.add("here"));
    marks[at].scrollIntoView({ block: "center" });
    if (focus) marks[at].focus({ preventScroll: true });
  };
  if (target) show(at);
  return {
    key(event) {
      if (["j", "ArrowRight", "n"].includes(event.key)) { show(at + 1); return true; }
      if (["k", "ArrowLeft"].includes(event.key)) { show(at - 1); return true; }
      if (["[", "]"].includes(event.key)) { turnTo(event.key === "[" ? -1 : 1); return true; }
      return false;
    },
  };
}
