(() => {
  const root = document.documentElement;
  const stored = (() => { try { return localStorage.getItem("jiaokan-lang"); } catch { return null; } })();
  if (stored === "zh" || stored === "en") root.lang = stored;
  for (const button of document.querySelectorAll("[data-lang-switch]")) {
    button.addEventListener("click", () => {
      root.lang = root.lang === "zh" ? "en" : "zh";
      try { localStorage.setItem("jiaokan-lang", root.lang); } catch { /* a page from disk may not store */ }
    });
  }
})();
