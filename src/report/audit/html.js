"use strict";
const filters = document.querySelector(".filters");
const entries = [...document.querySelectorAll(".entries > li")];
const count = document.getElementById("count");
const apply = () => {
  const chosen = new FormData(filters);
  const text = chosen.get("text").toLowerCase();
  let shown = 0;
  for (const entry of entries) {
    const fits = ["provider", "state", "author", "repository"].every(
      (name) => !chosen.get(name) || entry.dataset[name] === chosen.get(name));
    entry.hidden = !fits || !entry.textContent.toLowerCase().includes(text);
    shown += entry.hidden ? 0 : 1;
  }
  count.textContent = `${shown} of ${entries.length} shown`;
};
const open = () => {
  const entry = document.getElementById(location.hash.slice(1));
  if (entry && entries.includes(entry)) {
    entry.hidden = false;
    entry.querySelector("details").open = true;
    entry.querySelector("summary").focus();
  }
};
if (filters) {
  filters.hidden = false;
  filters.addEventListener("input", apply);
  filters.addEventListener("submit", (event) => event.preventDefault());
  apply();
}
addEventListener("hashchange", open);
open();
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details:not([open])")];
  folded.forEach((details) => { details.open = true; });
});
addEventListener("afterprint", () => folded.forEach((details) => { details.open = false; }));
