"use strict";
(() => {
  const main = document.getElementById("main"), live = document.getElementById("live");
  const news = document.getElementById("news"), changed = document.getElementById("changed");

  // Nothing that somebody writes, opens or reads with the keyboard may be taken away by an update.
  const isBusy = () => live.contains(document.activeElement) && document.activeElement !== live
    || [...live.querySelectorAll("input:not([type=hidden]), textarea")].some((field) => field.value !== field.defaultValue || field.checked !== field.defaultChecked)
    || live.querySelector("details[open]:not([data-keeps])") !== null;

  let loading = false, again = false;
  const load = async () => {
    if (!live.dataset.part || isBusy()) { changed.hidden = false; return; }
    if (loading) { again = true; return; }
    loading = true;
    try {
      const reply = await fetch(live.dataset.part, { cache: "no-store" });
      if (reply.status === 401) { location.reload(); return; }
      if (!reply.ok) return;
      const text = await reply.text();
      if (isBusy()) { changed.hidden = false; return; }
      const before = said();
      live.innerHTML = text;
      changed.hidden = true;
      if (said() !== before) news.textContent = said();
    } catch { /* the next event tries again */ } finally {
      loading = false;
      if (again) { again = false; load(); }
    }
  };
  const said = () => { const part = live.querySelector("[data-news]"); return part ? part.textContent.trim().replace(/\s+/g, " ") : ""; };

  if (main.dataset.changes && window.EventSource) {
    const source = new EventSource(main.dataset.changes);
    source.addEventListener("changed", load);
    source.addEventListener("bye", () => source.close());
  }

  for (const box of document.querySelectorAll("[data-checks]")) {
    box.hidden = false;
    box.addEventListener("change", () => {
      for (const one of document.querySelectorAll(`input[name="${box.dataset.checks}"]`)) one.checked = box.checked;
    });
  }
})();
