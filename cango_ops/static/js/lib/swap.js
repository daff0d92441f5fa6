/** What happens around a fragment's swap: the focus stays, numbers that changed fade, the title follows. A deed that
 * got no answer, or an error, is told at the top of the page. */

const SHOWN_MS = 700;
const FOCUSABLE = "a[href], button, input, select, summary, [tabindex]";
let before = new Map();
let focused = null;

/** Each figure under the nearest id and its place there: the same number before and after a swap. */
function numbers(root) {
  const found = new Map();
  const counts = new Map();
  for (const element of root.querySelectorAll("[id] .fig")) {
    const owner = element.closest("[id]").id;
    const place = counts.get(owner) ?? 0;
    counts.set(owner, place + 1);
    found.set(`${owner}/${place}`, element);
  }
  return found;
}

/** Where the focus stands inside the target: the nearest id and the place among what can have the focus there. */
function placeOfFocus(target) {
  const active = document.activeElement;
  const owner = active && target !== active && target.contains(active) ? active.closest("[id]") : null;
  return owner && { id: owner.id, place: [owner, ...owner.querySelectorAll(FOCUSABLE)].indexOf(active) };
}

function restoreFocus() {
  const owner = focused && document.getElementById(focused.id);
  if (owner) [owner, ...owner.querySelectorAll(FOCUSABLE)][focused.place]?.focus({ preventScroll: true });
}

/** A fragment that came from another address is the sign-in page: then the whole page goes there. */
function isElsewhere({ xhr, requestConfig }) {
  return xhr.responseURL && new URL(xhr.responseURL).pathname !== new URL(requestConfig.path, location).pathname;
}

function remember(event) {
  if (isElsewhere(event.detail)) {
    event.detail.shouldSwap = false;
    location.reload();
    return;
  }
  focused = placeOfFocus(event.detail.target);
  before = new Map([...numbers(event.detail.target)].map(([key, element]) => [key, element.textContent]));
}

function fade(event) {
  restoreFocus();
  const title = event.detail.target.querySelector("[data-title]")?.dataset.title;
  if (title) document.title = `${title} · Cango Ops`;
  for (const [key, element] of numbers(event.detail.target)) {
    if (!before.has(key) || before.get(key) === element.textContent) continue;
    element.classList.add("changed");
    setTimeout(() => element.classList.remove("changed"), SHOWN_MS);
  }
}

function deedFailed({ detail: { requestConfig, xhr } }) {
  if (requestConfig?.verb !== "post") return;
  const room = document.createElement("div");
  const line = document.createElement("p");
  const what = xhr.status ? `This did not go through (error ${xhr.status})` : "No answer came";
  room.className = "messages";
  room.setAttribute("role", "alert");
  line.className = "error";
  line.textContent = `${what}. Load the page again to see what became of it, before you press once more.`;
  room.append(line);
  document.querySelector("#main > .messages")?.remove();
  document.getElementById("hold-line")?.after(room);
}

export function start(root) {
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) root.addEventListener(name, deedFailed);
  root.addEventListener("htmx:beforeSwap", remember);
  root.addEventListener("htmx:afterSwap", fade);
}
