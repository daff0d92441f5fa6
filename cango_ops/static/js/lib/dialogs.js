/** Dialogs (search, keys) and the small menus of the top bar. */

import { list, register } from "./keys.js";

function open(id) {
  const dialog = document.getElementById(id);
  if (!dialog || dialog.open) return;
  if (id === "keys") list(dialog.querySelector(".keys-list"));
  for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
  dialog.showModal();
  dialog.querySelector("input[type=search]")?.select();
}

function onClick(event) {
  const opener = event.target.closest("[data-open]");
  if (opener && document.getElementById(opener.dataset.open)) {
    event.preventDefault();
    open(opener.dataset.open);
  }
  if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
  if (event.target instanceof HTMLDialogElement) event.target.close();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
}

function closeMenu(event) {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
}

/** Whether the list is of what stands in the box now: a quick Enter must not open what was found before. */
function isOfNow() {
  return document.querySelector("#found [data-typed]")?.dataset.typed === document.getElementById("search-for").value.trim();
}

/** Arrows walk from the box through what was found; Enter in the box opens the first, Escape closes. */
function walkFound(event) {
  const found = [...document.querySelectorAll("#found a")];
  const here = found.indexOf(document.activeElement);
  if (event.key === "ArrowDown" && found.length) found[Math.min(here + 1, found.length - 1)].focus();
  else if (event.key === "ArrowUp" && here > 0) found[here - 1].focus();
  else if (event.key === "ArrowUp" && here === 0) document.getElementById("search-for").focus();
  else if (event.key === "Enter" && here < 0 && found.length && isOfNow()) found[0].click();
  // A box of type search would take the key to clear itself.
  else if (event.key === "Escape") document.getElementById("search").close();
  else return;
  event.preventDefault();
}

export function start(root) {
  root.addEventListener("click", onClick);
  root.addEventListener("keydown", closeMenu);
  root.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "k") {
      event.preventDefault();
      open("search");
    }
  });
  document.getElementById("search")?.addEventListener("keydown", walkFound);
  register("/", "Search", () => open("search"));
  register("?", "Keys", () => open("keys"));
}
