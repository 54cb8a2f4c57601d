(() => {
  const box = document.querySelector("#search");
  const pick = document.querySelector("#tier");
  const count = document.querySelector("#count");
  const rules = [...document.querySelectorAll(".rule")];
  const groups = [...document.querySelectorAll("[data-group]")];
  const texts = rules.map((rule) => rule.textContent.toLowerCase());
  const show = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    let n = 0;
    rules.forEach((rule, at) => {
      const hit = words.every((word) => texts[at].includes(word)) && (!pick.value || rule.dataset.tier.split(" ").includes(pick.value));
      rule.hidden = !hit;
      n += hit ? 1 : 0;
    });
    for (const group of groups) group.hidden = !group.querySelector(".rule:not([hidden])");
    count.textContent = `${n} / ${rules.length}`;
    const query = new URLSearchParams();
    if (box.value) query.set("q", box.value);
    if (pick.value) query.set("tier", pick.value);
    try { history.replaceState(null, "", (query.size ? `?${query}` : location.pathname) + location.hash); } catch { /* a page from disk may not */ }
  };
  const query = new URLSearchParams(location.search);
  box.value = query.get("q") ?? "";
  pick.value = query.get("tier") ?? "";
  box.addEventListener("input", show);
  pick.addEventListener("change", show);
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== box) { event.preventDefault(); box.focus(); }
    if (event.key === "Escape" && document.activeElement === box) { box.value = ""; show(); }
  });
  show();
})();
