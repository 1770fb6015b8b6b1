// Progressive enhancement only: every page works without this file.
(() => {
  "use strict";

  // After a fault the summary comes first, for eyes and for screen readers.
  document.querySelector("[data-focus]")?.focus();

  // What htmx swapped in may carry a sentence worth hearing: data-say. It is spoken once, not at each poll.
  const toSay = () => document.querySelector("[data-say]")?.dataset.say || "";
  let said = toSay();
  document.addEventListener("htmx:afterSettle", () => {
    const say = toSay();
    if (say && say !== said) document.getElementById("live").textContent = said = say;
  });

  // The account menu closes as menus do.
  document.addEventListener("click", (e) => {
    for (const d of document.querySelectorAll("details.account[open]")) if (!d.contains(e.target)) d.open = false;
  });
  document.addEventListener("keydown", (e) => {
    const d = e.key === "Escape" && document.querySelector("details.account[open]");
    if (d) { d.open = false; d.querySelector("summary").focus(); }
  });

  // A form is sent once, however often its button is pressed. Back from the cache it works again.
  document.addEventListener("submit", (e) => {
    if (e.defaultPrevented || e.target.hasAttribute("hx-post")) return;
    if (e.target.dataset.sent) e.preventDefault();
    e.target.dataset.sent = "1";
  });
  window.addEventListener("pageshow", () => {
    for (const f of document.querySelectorAll("form[data-sent]")) delete f.dataset.sent;
  });

  queue(document.querySelector("[data-rows]"));

  // The officers' queue: j and k move, x selects, Enter opens, and each element with data-key answers to its letter.
  // Single letters can be switched off (WCAG 2.1.4): a checkbox with data-keys keeps the choice in this browser.
  function queue(box) {
    if (!box) return;
    const rows = [...box.querySelectorAll("tbody tr")];
    const tick = (row) => row.querySelector("input[type=checkbox]");
    const all = box.querySelector("[data-all]");
    const number = box.querySelector("[data-count]");
    const count = () => { if (number) number.textContent = rows.filter((r) => tick(r)?.checked).length; };
    all?.addEventListener("change", () => { for (const r of rows) if (tick(r)) tick(r).checked = all.checked; count(); });
    box.addEventListener("change", count);
    count();

    const toggle = document.querySelector("[data-keys]");
    const off = () => localStorage.getItem("keys") === "off";
    if (toggle) {
      toggle.checked = !off();
      toggle.addEventListener("change", () => localStorage.setItem("keys", toggle.checked ? "on" : "off"));
    }

    let at = -1;
    const move = (by) => {
      if (!rows.length) return;
      rows[at]?.removeAttribute("data-current");
      at = Math.max(0, Math.min(rows.length - 1, at + by));
      rows[at].setAttribute("data-current", "");
      rows[at].querySelector("a")?.focus({ preventScroll: true });
      rows[at].scrollIntoView({ block: "nearest" });
    };
    const typing = (el) => /^(INPUT|SELECT|TEXTAREA)$/.test(el.tagName) && el.type !== "checkbox";
    document.addEventListener("keydown", (e) => {
      if (e.ctrlKey || e.metaKey || e.altKey || typing(e.target) || off()) return;
      const keyed = [...document.querySelectorAll("[data-key]")].find((el) => el.dataset.key === e.key);
      if (e.key === "j") move(1);
      else if (e.key === "k") move(-1);
      else if (e.key === "x" && rows[at] && tick(rows[at])) { tick(rows[at]).checked = !tick(rows[at]).checked; count(); }
      else if (keyed && typing(keyed)) keyed.focus();
      else if (keyed) keyed.click();
      else return;
      e.preventDefault();
    });
  }
})();
