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

  // A button that prints is of use only where there are scripts.
  for (const b of document.querySelectorAll("[data-print]")) {
    b.hidden = false;
    b.addEventListener("click", () => window.print());
  }

  // A form is sent once, however often its button is pressed. Back from the cache it works again.
  document.addEventListener("submit", (e) => {
    if (e.defaultPrevented || e.target.hasAttribute("hx-post") || e.target.hasAttribute("data-again")) return; // answered by a file: the page stays
    if (e.target.dataset.sent) e.preventDefault();
    e.target.dataset.sent = "1";
  });
  window.addEventListener("pageshow", () => {
    for (const f of document.querySelectorAll("form[data-sent]")) delete f.dataset.sent;
  });
})();
