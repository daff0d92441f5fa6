/** Finds the charts of a page and starts each when it comes into view; plotly is fetched only then. */

import { Chart } from "./chart.js";
import * as marks from "./marks.js";
import { onChange } from "./theme.js";

const started = new Map();

function startOne(figure, observer) {
  observer.unobserve(figure);
  if (started.has(figure)) return;
  const chart = new Chart(figure);
  started.set(figure, chart);
  chart.start();
}

function begin(entries, observer) {
  for (const entry of entries) if (entry.isIntersecting) startOne(entry.target, observer);
}

export function start(root) {
  const observer = new IntersectionObserver(begin, { rootMargin: "100px" });
  const figures = [...root.querySelectorAll("[data-chart]")];
  figures.forEach((figure) => observer.observe(figure));
  // Paper does not wait for what was never in view: it says so, and the next print has it.
  window.addEventListener("beforeprint", () => figures.forEach((figure) => startOne(figure, observer)));
  onChange(() => started.forEach((chart) => chart.draw()));
  marks.onChange(() => started.forEach((chart) => chart.mark()));
}
