// The hand of an officer: keys, and what is ticked. Every page of the desk works without this file.
(() => {
  "use strict";

  // Single letters can be switched off (WCAG 2.1.4): a checkbox with data-keys keeps the choice in this browser.
  const toggle = document.querySelector("[data-keys]");
  const off = () => localStorage.getItem("keys") === "off";
  if (toggle) {
    toggle.checked = !off();
    toggle.addEventListener("change", () => localStorage.setItem("keys", toggle.checked ? "on" : "off"));
  }

  // The rows are looked for each time: a live page draws them anew.
  const table = () => document.querySelector("[data-rows]");
  const rows = () => [...(table()?.querySelectorAll("tbody tr:has([scope=row])") ?? [])];
  const tick = (row) => row?.querySelector("input[type=checkbox]");
  const current = () => table()?.querySelector("tr[data-current]");

  const count = () => {
    const ticks = rows().map(tick).filter(Boolean), n = ticks.filter((t) => t.checked).length;
    const all = document.querySelector("[data-all]"), words = document.querySelector("[data-count]");
    if (all) { all.checked = n > 0 && n === ticks.length; all.indeterminate = n > 0 && n < ticks.length; }
    if (words && n) words.textContent = (n === 1 ? words.dataset.one : words.dataset.many).replace("#", n);
  };
  document.addEventListener("change", (e) => {
    if (e.target.matches("[data-all]")) for (const r of rows()) if (tick(r)) tick(r).checked = e.target.checked;
    if (e.target.matches("[name^='pick.']") && e.target.dataset.version) { // ticked anew, it is meant as it is now
      e.target.value = e.target.dataset.version;
      delete e.target.dataset.version;
    }
    count();
  });
  document.addEventListener("reset", () => setTimeout(count));
  document.addEventListener("live", count);
  window.addEventListener("pageshow", count);

  // An empty filter has no place in an address.
  document.addEventListener("formdata", (e) => {
    if (!e.target.matches("[data-lean]")) return;
    for (const [name, value] of [...e.formData]) if (!value) e.formData.delete(name);
  });

  // j and k move, x ticks, Enter opens; g leads elsewhere with the letter after it; and what carries data-key answers to
  // its letter: a field and what acts on the ticked take the focus, anything else is pressed.
  const places = { q: "/staff/queue", d: "/staff/dashboard" };
  const move = (by) => {
    const all = rows(), at = all.indexOf(current());
    if (!all.length) return;
    all[at]?.removeAttribute("data-current");
    const row = all[at < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at + by))];
    row.setAttribute("data-current", "");
    row.querySelector("a").focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  };
  const typing = (el) => el.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(el.tagName) && el.type !== "checkbox";
  const pick = (row, on) => {
    if (!tick(row)) return;
    tick(row).checked = on;
    tick(row).dispatchEvent(new Event("change", { bubbles: true }));
  };
  const answer = (el) => {
    const bar = el.closest(".picked");
    if (bar && !rows().some((r) => tick(r)?.checked)) pick(current(), true); // what is meant is the one under the hand
    if (bar && !bar.checkVisibility()) return;
    if (el.tagName === "SUMMARY" && bar) { el.parentElement.open = true; el.parentElement.querySelector("textarea").focus(); }
    else if (bar || typing(el)) el.focus();
    else el.click();
  };
  let before = "";
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || typing(e.target) || off()) return;
    const went = before === "g" && places[e.key];
    before = e.key;
    const keyed = [...document.querySelectorAll("[data-key]")].find((el) => el.dataset.key === e.key);
    if (went) document.querySelector(`.places a[href="${went}"]`)?.click();
    else if (e.key === "j") move(1);
    else if (e.key === "k") move(-1);
    else if (e.key === "x" && current()) pick(current(), !tick(current())?.checked);
    else if (e.key === "Enter" && e.target.matches("[name^='pick.']")) e.target.closest("tr")?.querySelector("[scope=row] a").click();
    else if (keyed) answer(keyed);
    else return;
    e.preventDefault();
  });

  // The menus of the queue close as menus do.
  const menus = "details.tool[open], details.keys[open]";
  document.addEventListener("click", (e) => {
    for (const d of document.querySelectorAll(menus)) if (!d.contains(e.target)) d.open = false;
  });
  document.addEventListener("keydown", (e) => {
    if (e.key !== "Escape") return;
    const d = document.querySelector(menus);
    if (d) { d.open = false; d.querySelector("summary").focus(); }
    else if (e.target.closest(".picked")) current()?.querySelector("a").focus(); // back to the list
  });
})();
