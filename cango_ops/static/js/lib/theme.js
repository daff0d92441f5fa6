/** The theme switch: changes the page at once, tells the server afterwards. */

const CHANGED = "theme:changed";

export function onChange(run) {
  document.addEventListener(CHANGED, run);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", run);
  matchMedia("print").addEventListener("change", run);
}

/** The colour that a token has now, as the browser resolves it. */
export function colour(token) {
  const probe = document.createElement("span");
  probe.style.color = `var(--${token})`;
  document.body.append(probe);
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  return resolved;
}

async function choose(form, button) {
  document.documentElement.dataset.theme = button.value;
  for (const other of form.querySelectorAll("button")) other.ariaPressed = String(other === button);
  document.dispatchEvent(new CustomEvent(CHANGED));
  const body = new FormData(form);
  body.set("theme", button.value);
  await fetch(form.action, { method: "POST", body, headers: { accept: "application/json" } });
}

export function start(root) {
  root.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-theme-switch]") || !event.submitter) return;
    event.preventDefault();
    choose(event.target, event.submitter);
  });
}
