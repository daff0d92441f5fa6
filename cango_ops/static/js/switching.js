// The pages of switching: the stacked plan, drawn anew when the topic says that there is another one.

import { PlanChart } from "./lib/chart.js";
import { onChange } from "./lib/theme.js";

const figure = document.querySelector("[data-plan-chart]");
if (figure) {
  const chart = new PlanChart(figure);
  onChange(() => chart.draw());
  chart.start();
}
