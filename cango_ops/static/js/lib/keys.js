/** One registry of keys: what `register` was told, and every element that carries data-key. */

const registry = new Map();
const OFF = "cango.single-keys-off";
const NAMES = { ArrowLeft: "←", ArrowRight: "→", " ": "Space" };

export function register(key, text, run) {
  registry.set(key, { text, run });
}

function isOff() {
  return localStorage.getItem(OFF) === "1";
}

function isWriting(target) {
  return target.closest("input, textarea, select, [contenteditable], .js-plotly-plot") !== null;
}

function elementOf(key) {
  return [...document.querySelectorAll("[data-key]")].find((element) => element.dataset.key === key);
}

function onKey(event) {
  if (event.defaultPrevented || event.altKey || event.metaKey || event.ctrlKey) return;
  if (isWriting(event.target) || isOff() || document.querySelector("dialog[open]")) return;
  const found = registry.get(event.key);
  const element = found ? null : elementOf(event.key);
  if (!found && !element) return;
  event.preventDefault();
  if (found) found.run(event);
  else element.click();
}

function entries() {
  const shown = [...registry].map(([key, { text }]) => [key, text]);
  for (const element of document.querySelectorAll("[data-key]:not([hidden])")) {
    shown.push([element.dataset.key, element.dataset.keyText]);
  }
  return shown;
}

/** Fills the list of keys; called whenever its dialog opens. */
export function list(into) {
  into.replaceChildren();
  for (const [key, text] of [...entries(), ["Ctrl K", "Search, also while writing"]]) {
    const term = document.createElement("dt");
    const sign = document.createElement("kbd");
    sign.textContent = NAMES[key] ?? key;
    term.append(sign);
    const meaning = document.createElement("dd");
    meaning.textContent = text;
    into.append(term, meaning);
  }
}

export function start(root) {
  root.addEventListener("keydown", onKey);
  const off = document.getElementById("keys-off");
  if (!off) return;
  off.checked = isOff();
  off.addEventListener("change", () => localStorage.setItem(OFF, off.checked ? "1" : "0"));
}
