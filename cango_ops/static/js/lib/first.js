/** The first Tab on a page whose most urgent thing is marked goes there; every later one takes the page's own order. */

function onKey(event) {
  if (event.key !== "Tab" || event.shiftKey || event.defaultPrevented) return;
  document.removeEventListener("keydown", onKey);
  const first = document.querySelector("[data-first-tab]");
  if (!first || (document.activeElement && document.activeElement !== document.body)) return;
  event.preventDefault();
  first.focus();
}

export function start(root) {
  root.addEventListener("keydown", onKey);
}
