// A page of the desk follows what happens meanwhile. What carries data-live and an id is drawn anew in its place; what
// carries data-live-ref shows its data-live-note when somebody else has changed that request.
(() => {
  "use strict";

  const stream = document.querySelector("[data-stream]");
  const notes = document.querySelectorAll("[data-live-ref]");
  if (!window.EventSource || !stream && !notes.length) return;

  const say = (words) => { document.getElementById("live").textContent = words; };
  const reload = stream?.querySelector("[data-reload]");
  const following = (yes) => { if (reload) reload.hidden = yes; };

  // All pages of one browser share one stream, because browsers have few connections to one site: whichever holds the lock
  // listens and tells the others.
  const others = new BroadcastChannel("habeas-events");
  const waiting = new AbortController();
  let source, missed = false, waits;
  others.onmessage = (e) => hear(e.data);
  const tell = (event) => { others.postMessage(event); hear(event); };
  const listen = () => new Promise((over) => {
    source = new EventSource("/staff/events");
    source.onopen = () => tell({ name: "open" });
    source.onerror = () => { if (source.readyState === EventSource.CLOSED) { tell({ name: "end" }); over(); } else tell({ name: "lost" }); };
    for (const name of ["queue", "request"]) source.addEventListener(name, (e) => tell({ name, ref: e.data }));
    source.addEventListener("end", () => { source.close(); tell({ name: "end" }); over(); });
  });
  if (navigator.locks) navigator.locks.request("habeas-events", { signal: waiting.signal }, listen).catch(() => {});
  else listen();
  window.addEventListener("pagehide", () => source?.close());

  function hear({ name, ref }) {
    if (name === "open") { following(true); if (missed) again(); }
    if (name === "lost") { following(false); missed = true; }
    if (name === "end") { following(false); waiting.abort(); } // signed out, or too many listen: asking again is in vain
    if (name === "queue") { following(true); again(); }
    if (name === "request") for (const n of notes) if (n.dataset.liveRef === ref) show(n.querySelector("[data-live-note]") ?? n);
  }
  const show = (note) => { if (note.hidden) { note.hidden = false; say(note.textContent.trim()); } };

  // Many changes at once are one drawing, and nothing is drawn that nobody looks at.
  function again() {
    missed = true;
    clearTimeout(waits);
    if (stream && !document.hidden) waits = setTimeout(draw, 400);
  }
  document.addEventListener("visibilitychange", () => { if (missed && !document.hidden) again(); });

  const lines = (page) => new Map([...page.querySelectorAll("[data-rows] [scope=row] a")].map((a) => [a.textContent, a.closest("tr")]));

  async function draw() {
    missed = false;
    const answer = await fetch(location.href, { headers: { "Habeas-Live": "yes" } }).catch(() => null);
    if (!answer?.ok || answer.redirected) return following(false);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const before = lines(document), now = lines(fresh);
    keepHand(fresh, now);
    const news = mark(before, now);
    const anchor = [...before].find(([ref, row]) => now.has(ref) && row.getBoundingClientRect().top >= 0);
    const top = anchor?.[1].getBoundingClientRect().top;
    const refocus = focused();
    for (const part of document.querySelectorAll("[data-live][id]")) {
      const next = fresh.getElementById(part.id);
      if (next && next.innerHTML !== part.innerHTML) part.replaceWith(document.adoptNode(next));
    }
    refocus();
    if (anchor && scrollY > 0) scrollBy({ top: now.get(anchor[0]).getBoundingClientRect().top - top, behavior: "instant" });
    document.dispatchEvent(new Event("live"));
    if (news.added) say((news.added === 1 ? stream.dataset.one : stream.dataset.many).replace("#", news.added));
    else if (news.altered || now.size !== before.size) say(stream.dataset.changed);
  }

  // What was ticked stays ticked, at the version it was ticked at: the portal then says what has changed since. The row
  // under the hand stays where it is.
  function keepHand(fresh, now) {
    for (const t of document.querySelectorAll("[name^='pick.']:checked")) {
      const next = fresh.querySelector(`[name="${CSS.escape(t.name)}"]`);
      if (!next) continue;
      next.checked = true;
      if (next.value !== t.value) { next.dataset.version = next.value; next.value = t.value; }
    }
    now.get(document.querySelector("tr[data-current] [scope=row] a")?.textContent)?.setAttribute("data-current", "");
  }

  function mark(before, now) {
    const news = { added: 0, altered: 0 };
    for (const [ref, row] of now) {
      const was = before.get(ref)?.textContent;
      if (was === row.textContent) continue;
      news[was === undefined ? "added" : "altered"]++;
      row.setAttribute("data-changed", "");
    }
    return news;
  }

  // focused remembers where the focus is inside a part, and puts it back into the one drawn anew.
  function focused() {
    const el = document.activeElement, part = el?.closest("[data-live][id]");
    if (!part) return () => {};
    const same = el.name ? `[name="${CSS.escape(el.name)}"]` : el.id ? "#" + CSS.escape(el.id) : `a[href="${CSS.escape(el.getAttribute("href") ?? "")}"]`;
    return () => document.getElementById(part.id)?.querySelector(same)?.focus({ preventScroll: true });
  }
})();
