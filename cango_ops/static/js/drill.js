// What the pages of a site, a container and a machine share: a panel that hears nothing new says so and asks once
// more, what was scrolled stays where it was, a refusal is put into words.

const ASK_AGAIN_MS = 20_000;
const panel = document.getElementById("panel");
const scrolled = new Map();
let askedAt = 0;

function isPaused() {
  return document.documentElement.dataset.live === "paused";
}

function tellWorn() {
  const until = Date.parse(panel.querySelector("[data-live-until]")?.dataset.liveUntil);
  const worn = Date.now() > until;
  panel.classList.toggle("is-worn", worn);
  const note = panel.querySelector("[data-worn-note]");
  if (note) note.hidden = !worn;
  if (!worn || isPaused() || Date.now() - askedAt < ASK_AGAIN_MS) return;
  askedAt = Date.now();
  panel.dispatchEvent(new CustomEvent("changed"));
}

function rooms() {
  return panel.querySelectorAll("[data-keep-scroll][id]");
}

/** A 403 of the button is words for the person, not a panel. */
function refuse({ detail }) {
  if (detail.xhr.status !== 403 || !detail.requestConfig.elt.closest("[data-read-now]")) return;
  document.getElementById("read-said").textContent = detail.xhr.responseText;
}

document.addEventListener("htmx:beforeSwap", () => {
  for (const room of rooms()) scrolled.set(room.id, [room.scrollLeft, room.scrollTop]);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const room of rooms()) [room.scrollLeft, room.scrollTop] = scrolled.get(room.id) ?? [0, 0];
  tellWorn();
});
document.addEventListener("htmx:beforeSwap", refuse);
setInterval(tellWorn, 1000);
tellWorn();
