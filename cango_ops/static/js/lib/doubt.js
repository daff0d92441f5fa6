/** A panel in which something has grown old asks once more: where nobody publishes any more, nothing else would renew
 * its title. Panels with data-live-until do so by themselves (drill.js). */

const LOOK_MS = 5000;
const AGAIN_MS = 20_000;
const askedAt = new WeakMap();

function ask() {
  if (document.documentElement.dataset.live !== "live") return;
  for (const panel of document.querySelectorAll("[data-topic][hx-get]:has(time.is-stale):not(:has([data-live-until]))")) {
    if (Date.now() - (askedAt.get(panel) ?? 0) < AGAIN_MS) continue;
    askedAt.set(panel, Date.now());
    panel.dispatchEvent(new CustomEvent("changed"));
  }
}

export function start() {
  setInterval(ask, LOOK_MS);
}
