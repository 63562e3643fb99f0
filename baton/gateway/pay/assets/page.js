"use strict";
(() => {
  const body = document.body, main = document.getElementById("main"), news = document.getElementById("news");

  const tick = () => {
    for (const time of main.querySelectorAll("time[data-until]")) {
      const left = Math.floor((Date.parse(time.dataset.until) - Date.now()) / 1000);
      if (left < 0) { load(); continue; }
      const parts = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
      time.textContent = (parts[0] ? parts : parts.slice(1)).map((part, at) => (at ? String(part).padStart(2, "0") : part)).join(":");
    }
  };

  const prepare = () => {
    for (const button of main.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
    for (const part of main.querySelectorAll(".countdown")) part.hidden = false;
    for (const part of main.querySelectorAll(".until .static")) part.hidden = true;
    tick();
  };

  let loading = false, last = 0, later;
  const load = async () => {
    const early = last + 2000 - Date.now();
    clearTimeout(later);
    if (loading || early > 0) { later = setTimeout(load, Math.max(early, 200)); return; }
    loading = true;
    last = Date.now();
    try {
      const reply = await fetch(body.dataset.part, { cache: "no-store" });
      if (!reply.ok) return;
      const before = main.querySelector("h1").textContent, focused = document.activeElement && document.activeElement.dataset.copy;
      main.innerHTML = await reply.text();
      prepare();
      if (focused) { const again = main.querySelector(`[data-copy="${focused}"]`); if (again) again.focus(); }
      const after = main.querySelector("h1").textContent;
      if (after !== before) { news.textContent = after; document.title = after; }
      if (reply.headers.get("X-Final") === "true") stop();
    } catch { /* the next event or the next look tries again */ } finally { loading = false; }
  };

  main.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    const words = button.textContent;
    button.textContent = news.textContent = body.dataset.copied;
    setTimeout(() => { button.textContent = words; }, 1600);
  });

  let source, clock, looks;
  const stop = () => { if (source) source.close(); clearInterval(clock); clearInterval(looks); clearTimeout(later); };
  const listen = () => {
    source = new EventSource(body.dataset.events);
    source.addEventListener("changed", load);
    source.addEventListener("bye", () => source.close());
  };
  prepare();
  clock = setInterval(tick, 1000);
  looks = setInterval(() => { if (!source || source.readyState === 2) { load(); if (window.EventSource) listen(); } }, 15000);
  if (window.EventSource) listen();
  document.addEventListener("visibilitychange", () => { if (!document.hidden) load(); });
})();
