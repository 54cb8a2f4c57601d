// The queue: filters, the list, and the finding that is looked at.

import { ask, tell } from "./server.js";
import { h, put, say, of, word, flat, marked, number, percent, STATES, VERDICTS } from "./words.js";
import { List } from "./list.js";
import { Detail } from "./detail.js";

const FILTERS = ["status", "sort", "rule", "class", "file", "pattern", "q", "by", "min", "max"];
const STATUS = {
  open: ["待审", "To review"], applied: ["已自动改，未看", "Applied, not looked at"], sample: ["随机抽样", "Random sample"], decided: ["已决", "Decided"],
  accept: ["已采纳", "Accepted"], reject: ["不改", "Rejected"], keep: ["原报如此", "Printed so"], custom: ["已另改", "Edited"], ask: ["请教中", "Asked"],
  conflict: ["说法不一", "Conflicts"], carried: ["沿用前次识读", "Carried over"], all: ["全部", "All"],
};
const ORDERS = { value: ["最值得看的在前", "Most valuable first"], file: ["按文件", "By file"], rule: ["按规则", "By rule"], class: ["按类别", "By class"], confidence: ["最有把握的在前", "Most sure first"] };

export async function open(main, query, app) {
  const desk = new Desk(app, query);
  put(main, desk.element);
  await desk.load();
  return desk;
}

class Desk {
  constructor(app, query) {
    this.app = app;
    this.query = query;
    this.except = new Set();
    this.filters = h("form", { class: "filters", role: "search", "aria-label": say("筛选", "Filter"), onsubmit: (event) => event.preventDefault() });
    this.holder = h("div", { class: "holder" });
    this.bulk = h("div", { class: "bulk", hidden: true });
    this.detail = new Detail(this);
    this.element = h("div", { class: "desk" }, h("section", { class: "left", "aria-label": say("清单", "List") }, this.filters, this.bulk, this.holder), this.detail.element);
    this.drawFilters();
  }

  filter() { return Object.fromEntries(FILTERS.map((key) => [key, this.query[key]]).filter(([, value]) => value)); }

  drawFilters() {
    const { state } = this.app;
    const pick = (key, label, options) =>
      h("label", {}, h("span", { class: "hidden" }, label),
        h("select", { "aria-label": label, onchange: (event) => this.set(key, event.target.value) },
          options.map(([value, text]) => h("option", { value, selected: (this.query[key] ?? "") === value }, text))));
    const counted = (list, all, text = (one) => one.name) => [["", all], ...list.map((one) => [one.name, `${text(one)} ${one.open || ""}`])];
    const first = (table, fallback) => Object.entries(table).map(([value, pair]) => [value === fallback ? "" : value, say(...pair)]);
    put(this.filters, 
      pick("status", say("状态", "State"), first(STATUS, "open")),
      pick("class", say("类别", "Class"), counted(state.classes, say("各类", "All classes"), of)),
      pick("rule", say("规则", "Rule"), counted(state.rules, say("各规则", "All rules"))),
      pick("file", say("文件", "File"), counted(state.files, say("各文件", "All files"))),
      pick("sort", say("次序", "Order"), first(ORDERS, "value")),
      h("input", { type: "search", id: "search", value: this.query.q ?? "", placeholder: say("找字词、文件  /", "Find  /"), "aria-label": say("查找", "Find"), onchange: (event) => this.set("q", event.target.value) }),
      // What only the address says is shown as well, or the list would seem to lack something.
      Object.entries({ pattern: patternName, by: (who) => say(`审校人 ${flat(who)}`, `by ${flat(who)}`), min: (share) => `≥ ${percent(Number(share))}`, max: (share) => `≤ ${percent(Number(share))}` })
        .filter(([key]) => this.query[key])
        .map(([key, text]) => h("button", { type: "button", class: "chip", title: say("去掉", "Remove"), onclick: () => this.set(key, "") }, text(this.query[key]), " ✕")),
    );
  }

  set(key, value) {
    const query = { ...this.filter(), [key]: value };
    this.app.go("queue", query);
  }

  async load() {
    const { app } = this;
    const first = await ask("view", { ...this.filter(), limit: 100 });
    this.viewId = first.view;
    app.seen = Math.max(app.seen ?? 0, first.seen);
    this.list = new List({
      total: first.total,
      rows: first.rows,
      label: say("发现", "Findings"),
      fetchRows: async (offset) => {
        try { return (await ask("view", { view: this.viewId, offset, limit: 100 })).rows; } catch (error) { app.wrong(error); return []; }
      },
      draw: (row) => this.drawRow(row),
      onSelect: (row) => this.pick(row),
    });
    put(this.holder, h("p", { class: "count" }, say(`共 ${number(first.total, 0)} 处`, `${number(first.total, 0)} findings`)), first.total ? this.list.element : this.nothing());
    this.drawBulk(first.total);
    if (!first.total) return this.detail.clear();
    const at = this.query.id ? first.rows.findIndex((row) => row.id === this.query.id) : 0;
    if (at < 0) await this.detail.show(this.query.id);
    else await this.list.select(at);
    this.list.element.focus({ preventScroll: true });
    return undefined;
  }

  nothing() {
    const done = !this.query.q && !this.query.rule && (this.query.status ?? "open") === "open";
    return h("div", { class: "empty" }, h("p", {}, done ? say("都看完了。", "All done.") : say("没有这样的发现。", "Nothing is so.")),
      done && h("p", {}, h("a", { href: this.app.address("progress") }, say("看看进度", "See the progress")), " · ", h("a", { href: this.app.address("queue", { status: "applied" }) }, say("抽看自动改的", "Look at what was applied"))));
  }

  drawRow(row) {
    const conflict = row.state.name === "conflict";
    const status = h("span", { class: `state s-${row.state.name}`, title: word(STATES, row.state.name) }, { open: "", accept: "✓", reject: "✕", keep: "原", custom: "✎", ask: "问", conflict: "≠", carried: "沿" }[row.state.name]);
    return [
      status,
      h("span", { class: "kwic" }, h("span", { class: "before" }, h("bdi", {}, flat(row.before))), h("span", { class: "key" }, shortKey(row)), h("span", { class: "after" }, h("bdi", {}, flat(row.after)))),
      h("span", { class: "where" }, h("span", { class: "name" }, row.file), `:${row.line}`),
      h("span", { class: "sure" }, this.except.has(row.id) ? say("除外", "left out") : conflict ? word(STATES, "conflict") : percent(row.confidence)),
    ];
  }

  drawBulk(total) {
    const isGroup = Boolean(this.query.pattern) && total > 1;
    this.bulk.hidden = !isGroup;
    if (!isGroup) return;
    const n = total - this.except.size;
    const button = (verdict) => h("button", { type: "button", class: `do-${verdict}`, onclick: () => this.decide(verdict, { all: true }) }, `${say("全部", "All: ")}${say(VERDICTS[verdict][0], VERDICTS[verdict][1].toLowerCase())} `, h("kbd", {}, VERDICTS[verdict][2].toUpperCase()));
    put(this.bulk, h("b", {}, patternName(this.query.pattern.replace(/^.*\?/, ""))), h("span", {}, say(`${n} 处同样的`, `${n} alike`), this.except.size ? say(`，除外 ${this.except.size}`, `, ${this.except.size} left out`) : ""), this.list.row(0)?.has_fix && button("accept"), button("reject"), button("keep"));
  }

  async pick(row) {
    this.app.replace({ ...this.filter(), id: row.id });
    this.query.id = row.id;
    await this.detail.show(row.id);
    // What comes next is fetched while this one is read.
    const next = this.list.row(this.list.at + 1);
    if (next) this.detail.prefetch(next.id);
  }

  /** What somebody decided: pairs of an id and a state. */
  changed(changed) {
    this.list?.update(changed);
    for (const { id, state } of changed) {
      if (this.detail.finding?.id === id) { this.detail.finding.state = state; this.detail.drawState(); }
      this.detail.forget(id);
    }
  }

  async decide(verdict, { all = false, printed, note } = {}) {
    const finding = this.detail.finding;
    if (!finding || this.busy) return;
    if (verdict === "custom" && printed === undefined) return void this.detail.edit(all);
    if (verdict === "accept" && printed === undefined && !finding.alternatives.length) {
      this.app.toast(say("这里没有可采纳的改法：按 e 写出印的是什么", "nothing is proposed here: press e and write what was printed"));
      return;
    }
    this.busy = true;
    try {
      const said = await tell("decide", { ids: [finding.id], all_like: all, view: this.viewId, except: [...this.except], verdict, printed, note: note ?? this.detail.note(), ...this.app.body() });
      this.app.setLeft(said.left);
      this.changed(said.changed);
      const done = said.next === null ? say("　这份清单都看完了；g p 回到归类", ". Nothing of this list is left; g p: the patterns") : "";
      if (all || said.n > 1 || done) this.app.toast(say(`${said.n} 处：${VERDICTS[verdict][0]}　u 撤回`, `${said.n} findings: ${VERDICTS[verdict][1].toLowerCase()}. u takes it back`) + done);
      this.except.clear();
      this.drawBulk(this.list.total);
      if (said.next !== null) await this.list?.select(said.next);
    } catch (error) { this.app.wrong(error); } finally { this.busy = false; }
  }

  async undo() {
    try {
      const said = await tell("undo", this.app.body());
      this.app.setLeft(said.left);
      this.changed(said.changed);
      this.app.toast(say(`撤回了 ${said.n} 处`, `${said.n} taken back`));
      for (const [block, rows] of this.list.blocks) {
        const at = rows.findIndex((row) => row.id === said.back);
        if (at >= 0) return void (await this.list.select(block * 100 + at));
      }
      if (said.back) await this.detail.show(said.back);
    } catch (error) { this.app.wrong(error); }
  }

  key(event) { return press(this, event); }
}

/** A pattern as people read it: what is put in or taken out has nothing on one side. */
const patternName = (key) => flat(key).replace(/^→/, "∅→").replace(/→$/, "→∅");

/** The place in a list: short, whatever it is. */
function shortKey(row) {
  const cut = (text) => (text.length > 14 ? `${text.slice(0, 6)}…${text.slice(-6)}` : text);
  const long = row.observed.length > 14;
  if (row.proposal === null && row.has_fix) return h("mark", { class: "suspect" }, cut(flat(row.observed)) || "∅", " ⇢");
  if (long) return row.proposal === "" ? h("del", {}, cut(flat(row.observed))) : h("mark", { class: "suspect" }, cut(flat(row.observed)));
  return marked(row.observed, row.proposal);
}

function press(desk, event) {
  const { list, detail } = desk;
  const lower = event.key.toLowerCase();
  const all = event.key !== lower;
  const verdict = Object.keys(VERDICTS).find((name) => VERDICTS[name][2] === lower);
  if (verdict && event.key.length === 1) { desk.decide(verdict, { all }); return true; }
  if (/^[1-9]$/.test(event.key)) { detail.choose(Number(event.key) - 1); return true; }
  const move = { ArrowDown: 1, j: 1, s: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
  if (move && list) { list.select(Math.max(0, Math.min(list.total - 1, list.at + move))); return true; }
  if (event.key === "Home" && list) { list.select(0); return true; }
  if (event.key === "End" && list) { list.select(list.total - 1); return true; }
  const own = {
    u: () => desk.undo(),
    n: () => detail.focusNote(),
    p: () => detail.finding && desk.app.go("page", { file: detail.finding.file, id: detail.finding.id }),
    "/": () => document.getElementById("search").focus(),
    x: () => {
      const row = list?.selected;
      if (!row) return;
      if (!desk.except.delete(row.id)) desk.except.add(row.id);
      list.update([row]);
      desk.drawBulk(list.total);
      list.select(Math.min(list.at + 1, list.total - 1));
    },
  }[event.key];
  own?.();
  return Boolean(own);
}
