// The frame: addresses, keys, language, what others do meanwhile.

import { ask } from "./server.js";
import { h, put, say, of, number, language, setLanguage, VERDICTS } from "./words.js";
import * as desk from "./desk.js";
import * as patterns from "./patterns.js";
import * as page from "./page.js";
import * as progress from "./progress.js";

const VIEWS = { queue: desk, patterns, page, progress };
const $ = (id) => document.getElementById(id);
const WATCH_MS = 1500;

export const app = {
  state: null,
  view: null,
  me: localStorage.getItem("reviewer") ?? "",
  /** Name of the view and its query, from the address. */
  route() {
    const [name, query] = location.hash.replace(/^#\/?/, "").split("?");
    return { name: VIEWS[name] ? name : "queue", query: Object.fromEntries(new URLSearchParams(query ?? "")) };
  },
  go(name, query = {}) { location.hash = app.address(name, query); },
  address(name, query = {}) {
    const given = Object.entries(query).filter(([, value]) => value !== "" && value !== undefined && value !== null);
    return `#/${name}${given.length ? `?${new URLSearchParams(given)}` : ""}`;
  },
  /** Changes the query of the view without leaving it. */
  replace(query) { history.replaceState(null, "", app.address(app.route().name, query)); },
  toast(text, kind = "") {
    const toast = $("toast");
    toast.textContent = text;
    toast.className = `shown ${kind}`;
    clearTimeout(app.toastTimer);
    app.toastTimer = setTimeout(() => { toast.className = ""; }, kind === "wrong" ? 9000 : 3500);
  },
  wrong(error) {
    console.error(error);
    app.toast(error.words ? of(error.words) : String(error.message ?? error), "wrong");
  },
  setLeft(left) {
    app.state.left = left;
    put($("left"), h("b", {}, number(left, 0)), say(" 处待审", " to review"));
  },
  body: () => (app.me ? { me: app.me } : {}),
};

async function refresh() {
  app.state = await ask("state");
  app.seen = app.state.seen;
}

function frame() {
  document.documentElement.lang = language();
  document.title = `${say("审校台", "Review")} · ${app.state.folder ?? ""} · jiaokan`;
  $("title").textContent = say("审校台", "Review");
  $("skip").textContent = say("跳到正文", "Skip to the content");
  $("folder").textContent = app.state.folder ?? "";
  const { name } = app.route();
  const link = (to, zh, en) => h("a", { href: app.address(to), "aria-current": name === to ? "page" : null }, say(zh, en));
  $("nav").setAttribute("aria-label", say("视图", "Views"));
  put($("nav"), link("queue", "待审", "Queue"), link("patterns", "归类", "Patterns"), link("page", "整版", "Page"), link("progress", "进度", "Progress"));
  app.setLeft(app.state.left);
  const who = h("input", { value: app.me, placeholder: app.state.reviewer, size: 8, "aria-label": say("审校人", "Reviewer"), title: say("审校人", "Reviewer"),
    onchange: (event) => { app.me = event.target.value.trim(); localStorage.setItem("reviewer", app.me); } });
  put($("tools"), 
    who,
    h("button", { type: "button", title: "l", onclick: switchLanguage, lang: language() === "zh" ? "en" : "zh" }, say("EN", "中")),
    h("button", { type: "button", title: "t", onclick: switchTheme, "aria-label": say("明暗", "Light or dark") }, "◐"),
    h("button", { type: "button", title: "?", onclick: help, "aria-label": say("快捷键", "Keys") }, "?"),
  );
  hints();
}

const KEYS = () => [
  ["↑ ↓ · j", say("上一处、下一处", "previous, next")],
  ...Object.values(VERDICTS).map(([zh, en, key]) => [key, say(zh, en)]),
  ["1–9", say("采纳第几个改法", "accept that alternative")],
  ["s", say("跳过", "skip")],
  ["u", say("撤回，次数不限", "undo, without limit")],
  ["A R K C E", say("同样的全部照办", "the same for all like it")],
  ["x", say("除外：全部照办时不算这处", "leave out of “all like it”")],
  ["n", say("写附注", "write a note")],
  ["p", say("看整版", "see the whole page")],
  ["/", say("查找", "search")],
  ["g", say("转到：q 待审 p 归类 w 整版 o 进度", "go to: q queue, p patterns, w page, o progress")],
  ["l · t", say("中英、明暗", "language, light or dark")],
  ["?", say("本表", "this list")],
];

function hints() {
  const queue = () => [...Object.values(VERDICTS).map(([zh, en, key]) => [key, say(zh, en)]), ["s", say("跳过", "skip")], ["u", say("撤回", "undo")], ["A R…", say("同样的全部", "all like it")], ["?", say("全部快捷键", "all keys")]];
  const move = [["g", say("转到别的视图", "other views")], ["?", say("全部快捷键", "all keys")]];
  const of = { patterns: [["↑ ↓", say("上一类、下一类", "previous, next")], ["Enter", say("并列来看", "side by side")], ...move], page: [["j k", say("下一处、上一处改动", "next and previous change")], ["Enter", say("细看这处", "this finding")], ["[ ]", say("前后文件", "files")], ...move], progress: move };
  const shown = of[app.route().name] ?? queue();
  put($("hints"), ...shown.map(([key, text]) => h("span", {}, h("kbd", {}, key), text)));
}

function help() {
  const dialog = $("help");
  dialog.setAttribute("aria-label", say("快捷键", "Keys"));
  put(dialog, 
    h("h2", {}, say("快捷键", "Keys")),
    h("dl", {}, KEYS().flatMap(([key, text]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, text)])),
    h("button", { type: "button", onclick: () => dialog.close() }, say("关闭", "Close")),
  );
  if (!dialog.open) dialog.showModal();
}

function switchLanguage() { setLanguage(language() === "zh" ? "en" : "zh"); show(); }
function switchTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  localStorage.setItem("theme", root.dataset.theme);
}

async function show() {
  const { name, query } = app.route();
  frame();
  $("main").dataset.view = name;
  try {
    app.view = await VIEWS[name].open($("main"), query, app);
  } catch (error) { app.wrong(error); }
}

let prefix = 0;
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || $("help").open) return;
  const typing = event.target.closest("input, textarea, select");
  if (typing) {
    if (event.key === "Escape") typing.blur();
    return;
  }
  if (performance.now() - prefix < 900) {
    prefix = 0;
    const to = { q: "queue", p: "patterns", w: "page", o: "progress" }[event.key];
    if (to) { event.preventDefault(); return void app.go(to); }
  }
  const own = { "?": help, l: switchLanguage, t: switchTheme, g: () => { prefix = performance.now(); } }[event.key];
  if (own) { event.preventDefault(); own(); } else if (app.view?.key?.(event)) event.preventDefault();
});

/** What others decided, and a report that was written anew. */
async function watch() {
  if (!document.hidden && app.state) {
    try {
      const news = await ask("changes", { seen: app.seen, generation: app.state.generation });
      if (news.generation !== app.state.generation) {
        await refresh();
        app.toast(say("报告已重写，列表已更新", "the report was written anew; the list is up to date"));
        await show();
      } else {
        app.seen = news.seen;
        if (news.changed.length) app.view?.changed?.(news.changed);
        if (news.left !== app.state.left) app.setLeft(news.left);
      }
    } catch (error) { if (!app.isAway) app.wrong(error); app.isAway = true; setTimeout(watch, 4 * WATCH_MS); return; }
    app.isAway = false;
  }
  setTimeout(watch, WATCH_MS);
}

const theme = localStorage.getItem("theme");
if (theme) document.documentElement.dataset.theme = theme;
addEventListener("hashchange", show);
refresh().then(show).then(watch, app.wrong);
