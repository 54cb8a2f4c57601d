// How far one got, and how good the texts are by now.

import { ask } from "./server.js";
import { h, put, say, number, percent, word, STATES } from "./words.js";

export async function open(main, query, app) {
  const draw = async () => put(main, view(await ask("progress", app.body()), app));
  await draw();
  return { key: () => false, changed: () => { clearTimeout(draw.timer); draw.timer = setTimeout(() => main.dataset.view === "progress" && draw(), 300); } };
}

function time(seconds) {
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? say(`${minutes} 分钟`, `${minutes} minutes`) : say(`${number(minutes / 60)} 小时`, `${number(minutes / 60)} hours`);
}

function view(numbers, app) {
  const done = numbers.decided + numbers.carried;
  const share = numbers.to_decide ? done / numbers.to_decide : 1;
  const card = (title, value, more) => h("div", { class: "card" }, h("h3", {}, title), h("p", { class: "big" }, value), h("p", {}, more));
  const bar = h("progress", { max: 1, value: share, "aria-label": say("已决", "Decided") });
  const rates = [
    [say("审校前，疑似", "Before, suspected"), { value: numbers.before_per_10k }],
    [say("现在，尚未决的疑似", "Now, suspected and undecided"), { value: numbers.now_per_10k }],
    numbers.before_by_sample && [say("审校前，按抽样", "Before, by the sample"), numbers.before_by_sample],
    numbers.now_by_sample && [say("现在，按抽样", "Now, by the sample"), numbers.now_by_sample],
    numbers.left_by_models && [say("审校前，模型估计（含没有发现的）", "Before, by the models (the unseen as well)"), numbers.left_by_models],
  ].filter(Boolean);
  const top = Math.max(numbers.norm * 1.2, ...rates.map(([, range]) => range.high ?? range.value));
  const rate = ([title, range]) => {
    const width = 100 / top;
    const track = h("div", { class: "track", "aria-hidden": "true" });
    if (range.high !== undefined) { const band = h("i", { class: "band" }); band.style.left = `${range.low * width}%`; band.style.width = `${Math.max(0.5, (range.high - range.low) * width)}%`; track.append(band); }
    const dot = h("i", { class: "dot" }); dot.style.left = `${range.value * width}%`;
    const norm = h("i", { class: "norm" }); norm.style.left = `${numbers.norm * width}%`;
    track.append(dot, norm);
    return h("tr", {}, h("th", { scope: "row" }, title), h("td", { class: "n" }, number(range.value, 2)), h("td", { class: "n" }, range.high === undefined ? "" : `${number(range.low, 1)}–${number(range.high, 1)}`), h("td", { class: "wide" }, track));
  };
  const verdicts = numbers.verdicts.filter(([, n]) => n > 0);
  return h("section", { class: "sheet progress" },
    h("h2", {}, say("进度", "Progress")),
    h("p", { class: "lead" }, bar, ` ${percent(share)}`),
    h("div", { class: "cards" },
      card(say("还剩", "Left"), number(numbers.to_decide - done - numbers.asked - numbers.conflicts, 0), say(`共 ${number(numbers.to_decide, 0)} 处待审，已决 ${number(done, 0)}`, `of ${number(numbers.to_decide, 0)}; ${number(done, 0)} decided`)),
      card(say("速度", "Pace"), numbers.pace ? number(numbers.pace, 1) : "–", numbers.pace ? say(`处／分钟（停顿不计），还要约 ${time(numbers.seconds_left)}`, `a minute, pauses aside; about ${time(numbers.seconds_left)} left`) : say("再审几处就知道", "known after a few more")),
      card(say("请教、不一致", "Asked, conflicts"), `${numbers.asked} · ${numbers.conflicts}`, h("span", {}, h("a", { href: app.address("queue", { status: "ask" }) }, say("请教中", "asked")), " · ", h("a", { href: app.address("queue", { status: "conflict" }) }, say("说法不一", "conflicts")), " · ", h("a", { href: app.address("queue", { status: "carried" }) }, say(`沿用 ${numbers.carried}`, `carried over ${numbers.carried}`)))),
      card(say("自动改的", "Applied unattended"), number(numbers.applied, 0), h("a", { href: app.address("queue", { status: "applied" }) }, say(`看过 ${numbers.applied_decided}`, `${numbers.applied_decided} looked at`))),
    ),
    verdicts.length > 0 && h("p", {}, verdicts.map(([name, n]) => h("span", { class: "chip" }, `${word(STATES, name)} ${number(n, 0)}`))),
    h("h2", {}, say("每万字差错", "Errors per 10,000 characters")),
    h("table", { class: "rates" }, h("thead", {}, h("tr", {}, [say("什么时候", "When"), say("每万字", "Rate"), say("区间（20 次中 19 次）", "Interval, 19 of 20"), say("竖线是报纸的标准：每万字 3 处", "The line is the norm of the press: 3")].map((text, nth) => h("th", { scope: "col", class: nth === 1 || nth === 2 ? "n" : null }, text)))), h("tbody", {}, rates.map(rate))),
    h("p", { class: "note" }, say(`抽样：按随机次序连续看过 ${numbers.sampled} 处。`, `The sample: ${numbers.sampled} looked at one after the other in random order. `), h("a", { href: app.address("queue", { status: "sample" }) }, say("接着抽样看", "Go on with it")), say("　模型的区间为 10 次中 9 次。", " The interval of the models holds in 9 of 10 cases.")),
    numbers.outdated > 0 && h("p", { class: "outdated" }, say(`记录里有 ${numbers.outdated} 处决定在这份报告里没有对应的发现；若已过时，decisions list --outdated 会列出。`, `${numbers.outdated} decisions of the log are about no finding of this report; decisions list --outdated tells which are out of date.`)),
    h("p", {}, h("a", { class: "button", href: "api/export?format=progress", download: "progress.json" }, say("导出这些数字", "Export these numbers")), " ", h("a", { class: "button", href: "api/export?format=jsonl", download: "decisions.jsonl" }, say("导出决定", "Export the decisions"))),
    h("h2", {}, say("各文件", "Files")),
    h("table", { class: "patterns" }, h("thead", {}, h("tr", {}, [say("文件", "File"), say("待审", "Open"), say("共", "Of")].map((text, nth) => h("th", { scope: "col", class: nth ? "n" : null }, text)))), h("tbody", {}, numbers.files.slice(0, 500).map((one) => h("tr", {}, h("th", { scope: "row" }, h("a", { href: app.address("queue", { file: one.file, sort: "file" }) }, one.file)), h("td", { class: "n" }, number(one.open, 0)), h("td", { class: "n" }, number(one.to_decide, 0)))))),
    h("p", { class: "note" }, say("写出成稿：", "To write the texts: "), h("code", {}, `jiaokan apply DIR --out-dir OUT${numbers.level === "automatic" ? "" : ` --level ${numbers.level}`}`)),
  );
}
