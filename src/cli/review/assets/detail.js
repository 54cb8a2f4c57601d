// One finding: what stands there, what is proposed, why, and what was said.

import { ask } from "./server.js";
import { h, put, say, of, word, flat, visible, marked, number, percent, STATES, OUTCOMES, TIERS, VERDICTS } from "./words.js";

export class Detail {
  constructor(desk) {
    this.desk = desk;
    this.known = new Map();
    this.element = h("article", { class: "detail", "aria-label": say("当前这处", "This finding"), "aria-live": "polite" });
  }

  clear() { this.finding = null; put(this.element); }
  forget(id) { this.known.delete(id); }
  prefetch(id) { if (!this.known.has(id)) this.known.set(id, ask("finding", { id }).catch(() => { this.known.delete(id); return null; })); }

  async show(id) {
    this.wanted = id;
    this.prefetch(id);
    const finding = (await this.known.get(id)) ?? (await ask("finding", { id }).catch((error) => this.desk.app.wrong(error)));
    this.known.delete(id);
    if (this.wanted !== id || !finding) return;
    this.finding = finding;
    this.draw();
  }

  draw() {
    const { finding, desk } = this;
    const classes = desk.app.state.classes.find((one) => one.name === finding.class);
    const state = h("div", { class: "words" });
    this.words = state;
    this.input = null;
    put(this.element, 
      h("header", {},
        h("p", { class: "tags" }, h("b", { class: "tag" }, classes ? of(classes) : finding.class), h("code", {}, finding.rule), h("span", {}, word(TIERS, finding.safety)), h("span", {}, word(OUTCOMES, finding.outcome)), this.sure()),
        h("p", { class: "place" }, h("a", { href: desk.app.address("page", { file: finding.file, id: finding.id }) }, `${finding.file}:${finding.line}:${finding.column}`), finding.twins > 1 && h("span", { class: "note" }, say(`同文 ${finding.twins} 处，一并决定`, `${finding.twins} places read alike and are decided at once`)))),
      !finding.is_text && h("p", { class: "outdated" }, say("文本已与报告不同，不能就此决定；请重新运行 check --report。", "The text differs from the report by now; run check --report again to decide.")),
      this.passage(),
      this.scan(),
      this.buttons(),
      state,
      h("p", { class: "message" }, visible(of(finding.message))),
      this.alternatives(),
      this.evidence(),
      this.outside(),
      this.related(),
      this.more(),
    );
    this.drawState();
    this.center();
  }

  /** The place in the middle of its surroundings, whatever stands before it. */
  center() {
    const box = this.element.querySelector(".passage");
    const core = box?.querySelector(".core");
    if (!core) return;
    const [outer, inner] = [box.getBoundingClientRect(), core.getBoundingClientRect()];
    // Of a place that is higher than the box its beginning.
    box.scrollTop += inner.top - outer.top - Math.max(24, (outer.height - inner.height) / 2);
    this.element.scrollTop = 0;
  }

  sure() {
    const { confidence, confidence_origin: origin } = this.finding;
    const from = { calibrated: say("实测", "measured"), author: say("规则作者之言", "the author's word"), none: say("未经测量", "not measured") }[origin] ?? "";
    const meter = h("meter", { min: 0, max: 1, value: confidence, "aria-label": say("把握", "Confidence") });
    return h("span", { class: "meter", title: from }, meter, ` ${percent(confidence)} `, h("small", {}, from));
  }

  passage() {
    const { before, after, observed, proposal } = this.finding;
    const lines = (text) => visible(text);
    const shown = observed.length > 900 ? [h("del", { class: proposal === "" ? "" : "plain" }, lines(observed.slice(0, 400)), h("span", { class: "gap" }, say(` …（共 ${observed.length} 字）… `, ` … (${observed.length} characters) … `)), lines(observed.slice(-400)))] : marked(observed, proposal, (text) => lines(text).replace(/\n/g, "⏎\n"));
    return h("div", { class: "passage", lang: "zh", tabindex: "0", role: "group", "aria-label": say("上下文", "Context") }, h("bdi", {}, h("span", { class: "around" }, lines(before)), h("span", { class: "core" }, shown), h("span", { class: "around" }, lines(after))));
  }

  /** The line of the scan, with the characters marked; + and − or the wheel zoom, dragging moves. */
  scan() {
    const { scan, file } = this.finding;
    if (!scan) return null;
    const [left, top, right, bottom] = scan.line;
    // A file that does not say how large its picture is means its pixels.
    const origin = scan.frame ?? [0, 0, 0, 0];
    const frame = h("div", { class: "scan", tabindex: "0", role: "img", "aria-label": say("扫描图：这一处所在的行", "The scan: the line of this place") });
    const sheet = h("div", { class: "scan-sheet" }, h("img", { src: `api/scan?${new URLSearchParams({ file, page: scan.page })}`, alt: "", draggable: "false", onload: ({ target }) => { if (!scan.frame) size(target.naturalWidth, target.naturalHeight); } }), scan.marks.map(([x, y, x2, y2]) => { const box = h("i", {}); Object.assign(box.style, { left: `${x - origin[0]}px`, top: `${y - origin[1]}px`, width: `${x2 - x}px`, height: `${y2 - y}px` }); return box; }));
    const size = (width, height) => Object.assign(sheet.style, { width: `${width}px`, height: `${height}px` });
    size(origin[2] - origin[0], origin[3] - origin[1]);
    frame.append(sheet);
    const vertical = bottom - top > right - left;
    const thick = Math.max(8, vertical ? right - left : bottom - top);
    const at = scan.marks[0] ?? scan.line;
    const view = { scale: 44 / thick, x: (at[0] + at[2]) / 2 - origin[0], y: (at[1] + at[3]) / 2 - origin[1] };
    const place = () => { sheet.style.transform = `translate(${frame.clientWidth / 2 - view.x * view.scale}px, ${frame.clientHeight / 2 - view.y * view.scale}px) scale(${view.scale})`; sheet.style.setProperty("--edge", `${2 / view.scale}px`); };
    const zoom = (by) => { view.scale = Math.min(12, Math.max(0.05, view.scale * by)); place(); };
    frame.addEventListener("wheel", (event) => { event.preventDefault(); zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15); }, { passive: false });
    frame.addEventListener("pointerdown", (event) => { frame.setPointerCapture(event.pointerId); view.drag = [event.clientX, event.clientY]; });
    frame.addEventListener("pointermove", (event) => {
      if (!view.drag) return;
      view.x -= (event.clientX - view.drag[0]) / view.scale;
      view.y -= (event.clientY - view.drag[1]) / view.scale;
      view.drag = [event.clientX, event.clientY];
      place();
    });
    for (const end of ["pointerup", "pointercancel"]) frame.addEventListener(end, () => { view.drag = null; });
    frame.addEventListener("keydown", (event) => { const by = { "+": 1.2, "=": 1.2, "-": 1 / 1.2 }[event.key]; if (by) { event.preventDefault(); event.stopPropagation(); zoom(by); } });
    new ResizeObserver(place).observe(frame);
    return frame;
  }

  buttons() {
    const { finding, desk } = this;
    const can = (verdict) => finding.is_text && (verdict !== "accept" || finding.alternatives.length > 0);
    const make = ([verdict, [zh, en, key]]) =>
      h("button", { type: "button", class: `do-${verdict}`, disabled: !can(verdict), "data-verdict": verdict, onclick: (event) => desk.decide(verdict, { all: event.shiftKey }) }, say(zh, en), " ", h("kbd", {}, key));
    const like = finding.like > 1 && h("span", { class: "note" }, say(`同样的待审 ${finding.like} 处：按大写字母全部照办，或`, `${finding.like} alike are open: a capital letter decides them all, or `), h("a", { href: desk.app.address("queue", { pattern: finding.pattern }) }, say("并列来看", "see them side by side")));
    this.noteInput = h("input", { class: "note-input", placeholder: say("附注（n）：给同事的话", "A note to others (n)"), "aria-label": say("附注", "Note"), onkeydown: (event) => { if (event.key === "Enter") { event.preventDefault(); this.noteInput.blur(); desk.list?.element.focus(); } } });
    this.editor = h("form", { class: "editor", hidden: true });
    return h("div", { class: "acts" }, h("div", { class: "buttons", role: "group", "aria-label": say("决定", "Decide") }, Object.entries(VERDICTS).map(make), h("button", { type: "button", onclick: () => desk.undo() }, say("撤回", "Undo"), " ", h("kbd", {}, "u"))), this.editor, this.noteInput, like);
  }

  note() { return this.noteInput?.value.trim() || undefined; }
  focusNote() { this.noteInput?.focus(); }

  edit(all) {
    const { finding, desk } = this;
    if (!finding.is_text) return;
    const input = h("textarea", { rows: Math.min(6, 1 + (finding.observed.match(/\n/g) ?? []).length), value: finding.proposal ?? finding.observed, "aria-label": say("印的是什么", "What was printed") });
    const done = (event) => { event.preventDefault(); desk.list?.element.focus(); desk.decide("custom", { printed: input.value, all }); };
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) done(event);
      if (event.key === "Escape") { event.stopPropagation(); this.editor.hidden = true; desk.list?.element.focus(); }
    });
    put(this.editor, h("span", {}, say("「", "“"), flat(finding.observed).slice(0, 40), say("」印的是：", "” was printed as:")), input, h("button", { type: "submit" }, say("记下 Enter", "Save, Enter")));
    this.editor.onsubmit = done;
    this.editor.hidden = false;
    input.focus();
    input.select();
  }

  choose(nth) {
    const chosen = this.finding?.alternatives[nth];
    if (!chosen) return;
    if (chosen.text === null) { if (nth === 0) this.desk.decide("accept"); return; }
    this.desk.decide("accept", nth === 0 ? {} : { printed: chosen.text });
  }

  alternatives() {
    const { alternatives, observed } = this.finding;
    if (alternatives.length < 2) return null;
    const one = (option, nth) => {
      const shown = option.text !== null && option.text.length < 60 ? marked(observed, option.text) : of(option.title);
      return h("li", {}, h("button", { type: "button", onclick: () => this.choose(nth) }, nth < 9 && h("kbd", {}, String(nth + 1)), " ", h("span", { lang: "zh" }, shown), " ", h("small", {}, of(option.title))));
    };
    return h("section", { class: "alternatives" }, h("h2", {}, say("改法", "Alternatives")), h("ol", {}, alternatives.map(one)));
  }

  evidence() {
    const { evidence } = this.finding;
    if (!evidence?.length) return null;
    const most = Math.max(1e-9, ...evidence.map((one) => Math.abs(one.weight ?? 0)));
    const one = ({ kind, weight, text }) => {
      const bar = h("span", { class: `bar ${weight < 0 ? "against" : "for"}`, "aria-hidden": "true" });
      bar.style.width = weight === null ? "0" : `${Math.round((56 * Math.abs(weight)) / most)}px`;
      return h("li", {}, h("span", { class: "weight" }, bar, weight === null ? "" : (weight > 0 ? "+" : "") + number(weight, 2)), h("span", {}, visible(of(text)), " ", h("small", {}, kind)));
    };
    return h("section", {}, h("h2", {}, say("依据", "Evidence")), h("ul", { class: "evidence" }, evidence.map(one)));
  }

  outside() {
    const { outside } = this.finding;
    if (!outside?.length) return null;
    const one = (edit) => h("li", { lang: "zh" }, h("small", {}, say(`第 ${edit.line} 行　`, `line ${edit.line} `)), flat(edit.before), edit.removed && h("del", {}, flat(edit.removed)), edit.added && h("ins", {}, flat(edit.added)), flat(edit.after));
    return h("section", {}, h("h2", {}, say("改动各处", "The changes")), h("ul", { class: "outside" }, outside.map(one)));
  }

  related() {
    const { related } = this.finding;
    if (!related?.length) return null;
    const roles = { "other-copy": ["另一份", "the other copy"], "join-left": ["接缝之前", "before the join"], "join-right": ["接缝之后", "after the join"], evidence: ["旁证", "evidence"] };
    const side = (runs, which) => h("p", { lang: "zh", tabindex: "0" }, runs.map((pair) => (pair[0] === pair[1] ? visible(pair[0]) : pair[which] ? h("mark", { class: "differs" }, visible(pair[which])) : h("span", { class: "lacks" }, "‸"))));
    const one = (place) =>
      h("li", {}, h("p", { class: "place" }, word(roles, place.role), " ", h("a", { href: this.desk.app.address("page", { file: place.file }) }, `${place.file}:${place.line}`)),
        place.aligned ? h("div", { class: "copies" }, h("div", {}, h("h3", {}, say("这一份", "This copy")), side(place.aligned, 0)), h("div", {}, h("h3", {}, say("另一份", "The other")), side(place.aligned, 1))) : h("p", { lang: "zh", class: "other", tabindex: "0" }, visible(place.text)));
    return h("section", {}, h("h2", {}, say("相关之处", "Other places")), h("ul", { class: "related" }, related.map(one)));
  }

  more() {
    const { finding, desk } = this;
    const { report } = desk.app.state;
    const quoted = /[^\w./-]/.test(report) ? `'${report.replace(/'/g, "'\\''")}'` : report;
    const command = (text, zh, en) => h("p", {}, h("span", {}, say(zh, en)), " ", h("code", {}, text), " ", h("button", { type: "button", onclick: () => navigator.clipboard.writeText(text).then(() => desk.app.toast(say("已复制", "copied")), (error) => desk.app.wrong(error)) }, say("复制", "Copy")));
    return h("details", { class: "more" }, h("summary", {}, say("规则", "The rule")),
      command(`jiaokan explain ${finding.rule}`, "规则的说明：", "What the rule is for:"),
      finding.alternatives.length > 0 && finding.proposal !== null && command(`jiaokan rules new --from ${finding.id} --report ${quoted}`, "把这处的改法做成规则：", "Make a rule of this change:"));
  }

  drawState() {
    const { state, history } = this.finding;
    if (!this.words) return;
    const said = (one) => h("li", {}, h("b", { class: `state s-${one.verdict}` }, word({ ...STATES, ...VERDICTS, retract: ["收回", "taken back"] }, one.verdict)), ` ${one.reviewer} `, h("time", { datetime: one.time }, new Date(one.time).toLocaleString()), one.printed && ["accept", "custom"].includes(one.verdict) && h("span", { lang: "zh" }, ` → ${flat(one.printed).slice(0, 60)}`), one.note && h("q", {}, visible(one.note)));
    const title = { conflict: say("审校人说法不一，两说并存：再说一次，或商量后撤回其一", "Reviewers disagree; both words stand until one is taken back"), carried: say("前次识读时已决；周围的字有改动，再按一次即确认", "Decided on an earlier reading whose surroundings differ; decide again to confirm"), ask: say("正在请教同事", "A colleague is asked") }[state.name];
    this.words.className = `words w-${state.name}`;
    this.words.hidden = state.name === "open" && history.length === 0;
    put(this.words, 
      title ? h("p", {}, title) : "",
      state.words.length ? h("ul", {}, state.words.map(said)) : "",
      history.length > state.words.length ? h("details", {}, h("summary", {}, say(`经过（${history.length}）`, `History (${history.length})`)), h("ul", {}, history.map(said))) : "",
    );
  }
}

