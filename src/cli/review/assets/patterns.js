// By pattern: all 己→已 together, with how often and how sure.

import { ask } from "./server.js";
import { h, put, say, of, flat, visible, number, percent } from "./words.js";

export async function open(main, query, app) {
  const { total, rows, findings } = await ask("patterns", query);
  const most = Math.max(1, ...rows.map((row) => row.n));
  const name = (row) => {
    if (row.to !== null && row.from !== null) return h("span", { class: "change", lang: "zh" }, h("del", {}, flat(row.from) || "∅"), " → ", h("ins", {}, flat(row.to) || "∅"));
    if (row.from !== null) return h("mark", { class: "suspect", lang: "zh" }, flat(row.from));
    return h("span", { class: "said" }, row.message ? visible(of(row.message)) : row.rule);
  };
  const classOf = (row) => of(app.state.classes.find((one) => one.name === row.class)) || row.class;
  let at = 0;
  const body = h("tbody", {}, rows.map((row) => {
    const bar = h("span", { class: "bar for", "aria-hidden": "true" });
    bar.style.width = `${Math.max(2, Math.round((110 * row.n) / most))}px`;
    return h("tr", {},
      h("th", { scope: "row" }, h("a", { href: app.address("queue", { ...query, pattern: row.key }) }, name(row))),
      h("td", {}, classOf(row)), h("td", { class: "n" }, bar, number(row.n, 0)), h("td", { class: "n" }, number(row.files, 0)), h("td", { class: "n" }, percent(row.confidence)), h("td", {}, h("code", {}, row.rule)));
  }));
  const mark = (to) => {
    at = Math.max(0, Math.min(rows.length - 1, to));
    const links = body.querySelectorAll("th a");
    links[at]?.focus();
  };
  put(main, h("section", { class: "sheet" },
    h("h2", {}, say("同样的改动归在一处", "The same change together")),
    h("p", { class: "lead" }, say(`${number(total, 0)} 类，共 ${number(findings, 0)} 处待审。点开即并列各处上下文，可全部采纳、全部不改，或除去几处。`, `${number(total, 0)} patterns of ${number(findings, 0)} open findings. Open one to see its places side by side; accept or reject all, or all but some.`)),
    rows.length ? h("table", { class: "patterns" }, h("thead", {}, h("tr", {}, [say("改动", "Change"), say("类别", "Class"), say("处数", "Places"), say("文件", "Files"), say("平均把握", "Mean confidence"), say("规则", "Rule")].map((text, nth) => h("th", { scope: "col", class: nth > 1 && nth < 5 ? "n" : null }, text)))), body) : h("p", { class: "empty" }, say("都看完了。", "All done."))));
  if (rows.length) mark(0);
  return {
    key(event) {
      const move = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
      if (move) { mark(at + move); return true; }
      return false;
    },
  };
}
