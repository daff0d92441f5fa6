// The pages of switching: the stacked plan, drawn when it comes into view, and anew when there is another one.

import { PlanChart } from "./lib/chart.js";
import * as marks from "./lib/marks.js";
import { onChange } from "./lib/theme.js";

const figure = document.querySelector("[data-plan-chart]");
if (figure) {
  const chart = new PlanChart(figure);
  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      chart.start();
    },
    { rootMargin: "100px" },
  );
  observer.observe(figure);
  onChange(() => chart.draw());
  marks.onChange(() => chart.draw());
}
