/** Finds the charts of a page and starts each when it comes into view; plotly is fetched only then. */

import { Chart } from "./chart.js";
import * as marks from "./marks.js";
import { onChange } from "./theme.js";

const started = new Map();

function begin(entries, observer) {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    observer.unobserve(entry.target);
    const chart = new Chart(entry.target);
    started.set(entry.target, chart);
    chart.start();
  }
}

export function start(root) {
  const observer = new IntersectionObserver(begin, { rootMargin: "100px" });
  for (const figure of root.querySelectorAll("[data-chart]")) observer.observe(figure);
  onChange(() => started.forEach((chart) => chart.draw()));
  marks.onChange(() => started.forEach((chart) => chart.mark()));
}
