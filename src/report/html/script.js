(() => {
  "use strict";
  const root = document.documentElement;
  const one = (selector, under = document) => under.querySelector(selector);
  const all = (selector, under = document) => [...under.querySelectorAll(selector)];
  const names = JSON.parse(one("#names").textContent);
  const outcomes = {
    applied: { zh: "已修复", en: "applied" },
    held: { zh: "待审", en: "held" },
    rejected: { zh: "不改", en: "rejected" },
    skipped: { zh: "让位", en: "skipped" },
  };
  const say = (pair) => (root.lang === "zh" ? pair.zh : pair.en);

  // The summary is known last and written last; it reads first.
  const summary = one("#summary");
  if (summary) one("#main").prepend(summary);

  const notes = all(".note").map((element) => ({
    element,
    id: element.id.slice(2),
    passage: element.closest(".passage"),
    rule: element.dataset.r,
    class: element.dataset.c,
    outcome: element.dataset.o,
    shown: true,
  }));
  const keys = ["outcome", "class", "rule"];
  const selects = Object.fromEntries(keys.map((key) => [key, one("#by-" + key)]));
  let current = -1;
  let total = notes.length;

  function remember(change) {
    try {
      const saved = JSON.parse(localStorage.getItem("jiaokan-report")) || {};
      localStorage.setItem("jiaokan-report", JSON.stringify({ ...saved, ...change }));
    } catch (e) { /* a page opened from disk may have no storage */ }
  }

  // Filters live in the address, so that a view can be passed on.
  function filters() {
    const given = new URLSearchParams(location.hash.slice(1));
    return Object.fromEntries(keys.map((key) => [key, given.get(key) || ""]));
  }

  function address(wanted) {
    const given = new URLSearchParams();
    for (const key of keys) if (wanted[key]) given.set(key, wanted[key]);
    return "#" + given.toString().replaceAll("%2F", "/");
  }

  function options() {
    const label = {
      outcome: (name) => say(outcomes[name]),
      class: (name) => say(names.classes[name]),
      rule: (name) => name,
    };
    for (const key of keys) {
      const counts = new Map();
      for (const note of notes) counts.set(note[key], (counts.get(note[key]) || 0) + 1);
      const order = key === "outcome" ? Object.keys(outcomes) : [...counts.keys()].sort();
      const any = new Option(say({ zh: "全部", en: "all" }), "");
      const rest = order.filter((name) => counts.has(name)).map((name) => new Option(`${label[key](name)} (${counts.get(name)})`, name));
      selects[key].replaceChildren(any, ...rest);
    }
  }

  function filter() {
    const wanted = filters();
    let count = 0;
    for (const note of notes) {
      note.shown = keys.every((key) => !wanted[key] || note[key] === wanted[key]);
      note.element.hidden = !note.shown;
      count += note.shown;
      note.rank = count;
    }
    total = count;
    const live = new Set(notes.filter((note) => note.shown).map((note) => note.passage));
    for (const passage of all(".passage")) passage.hidden = !live.has(passage);
    const filtered = keys.some((key) => wanted[key]);
    for (const file of all(".file")) file.hidden = filtered && !one(".passage:not([hidden])", file);
    for (const key of keys) selects[key].value = wanted[key];
    root.classList.toggle("filtered", filtered);
    one("#shown").textContent =
      count === notes.length
        ? say({ zh: `${count} 处`, en: `${count} findings` })
        : say({ zh: `${count} / ${notes.length} 处`, en: `${count} of ${notes.length}` });
    one("#none-shown").hidden = count > 0 || notes.length === 0;
  }

  // Marks by finding, gathered when first asked for.
  let marks = null;
  let lit = [];
  function light(id) {
    if (!marks) {
      marks = new Map();
      for (const mark of all(".m[data-f]"))
        for (const name of mark.dataset.f.split(" ")) marks.set(name, [...(marks.get(name) || []), mark]);
    }
    for (const mark of lit) mark.classList.remove("lit");
    lit = marks.get(id) || [];
    for (const mark of lit) mark.classList.add("lit");
  }

  function go(to) {
    if (current >= 0) notes[current].element.classList.remove("at");
    current = to;
    const note = notes[to];
    note.element.classList.add("at");
    light(note.id);
    // Passages out of sight have estimated heights; once they are drawn the
    // place is known, so look for it again.
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    note.passage.scrollIntoView({ block: "center" });
    requestAnimationFrame(() => note.element.scrollIntoView({ block: "center", behavior: still ? "auto" : "smooth" }));
    note.element.focus({ preventScroll: true });
    one("#shown").textContent = say({ zh: `第 ${note.rank} / ${total} 处`, en: `${note.rank} of ${total}` });
  }

  function step(by) {
    let to = current;
    if (to < 0 || !notes[to].shown) {
      // Start from what is on the screen.
      to = notes.findIndex((note) => note.shown && note.element.getBoundingClientRect().bottom > 120);
      if (to >= 0) return go(to);
      to = by > 0 ? -1 : notes.length;
    }
    do to += by;
    while (to >= 0 && to < notes.length && !notes[to].shown);
    if (to >= 0 && to < notes.length) go(to);
  }

  function arrive() {
    const target = decodeURIComponent(location.hash.slice(1));
    if (!target.includes("=")) {
      const place = target && document.getElementById(target);
      if (place && target.startsWith("f-")) {
        const at = notes.findIndex((note) => note.element === place);
        if (!notes[at].shown) reset();
        return go(at);
      }
      if (place) {
        light(target.startsWith("keep-") ? target.slice(5) : "");
        const passage = place.closest(".passage");
        if (passage && passage.hidden) reset();
        return (passage || place).scrollIntoView({ block: passage ? "center" : "start" });
      }
      if (target) return undefined;
    }
    filter();
    return undefined;
  }

  function reset() {
    history.replaceState(null, "", "#");
    filter();
  }

  function language(lang) {
    root.lang = lang;
    remember({ lang });
    options();
    filter();
  }

  function theme() {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    remember({ theme: root.dataset.theme });
  }

  const dialog = one("#keys");
  const acts = {
    j: () => step(1),
    ArrowRight: () => step(1),
    k: () => step(-1),
    ArrowLeft: () => step(-1),
    g: () => { if (summary) { scrollTo({ top: 0 }); summary.focus({ preventScroll: true }); } else scrollTo({ top: 0 }); },
    f: () => selects.outcome.focus(),
    x: reset,
    l: () => language(root.lang === "zh" ? "en" : "zh"),
    t: theme,
    "?": () => (dialog.open ? dialog.close() : dialog.showModal()),
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, input, textarea")) return;
    if (dialog.open && event.key !== "?") return;
    const act = acts[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });
  one("#next").onclick = () => step(1);
  one("#previous").onclick = () => step(-1);
  one("#language").onclick = acts.l;
  one("#theme").onclick = theme;
  one("#help").onclick = acts["?"];
  one("#clear").onclick = reset;
  for (const key of keys) {
    selects[key].onchange = () => {
      const wanted = Object.fromEntries(keys.map((name) => [name, selects[name].value]));
      location.hash = address(wanted);
      one("#changes").scrollIntoView({ block: "start" });
    };
  }
  addEventListener("hashchange", arrive);
  // A click on a mark leads to its note, a click on a note to its marks.
  one("#main").addEventListener("click", (event) => {
    const mark = event.target.closest(".m[data-f]");
    const note = event.target.closest(".note");
    if (mark && !event.target.closest("a, summary") && mark.dataset.f && getSelection().isCollapsed) {
      const at = notes.findIndex((other) => other.shown && mark.dataset.f.split(" ").includes(other.id));
      if (at >= 0) go(at);
    } else if (note && !event.target.closest("a")) {
      if (current >= 0) notes[current].element.classList.remove("at");
      current = notes.findIndex((other) => other.element === note);
      note.classList.add("at");
      light(notes[current].id);
    }
  });
  // On paper nothing can be unfolded.
  addEventListener("beforeprint", () => {
    for (const fold of all("details:not([open])")) {
      fold.open = true;
      fold.dataset.shut = "";
    }
  });
  addEventListener("afterprint", () => {
    for (const fold of all("details[data-shut]")) {
      fold.open = false;
      delete fold.dataset.shut;
    }
  });

  options();
  filter();
  if (location.hash && !location.hash.includes("=")) arrive();
})();
