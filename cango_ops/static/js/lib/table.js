/** The table twin of a chart: the same rows, newest first, for those who read rather than look. */

import { figure } from "./figures.js";
import { dayAndClock } from "./time.js";

const MOST_ROWS = 120;

function cell(tag, text, isNumber) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (isNumber) made.className = "n";
  if (tag === "th") made.scope = isNumber === null ? "row" : "col";
  return made;
}

function head(lines, units, zone) {
  const row = document.createElement("tr");
  row.append(cell("th", `Time (${zone})`, false));
  for (const line of lines) row.append(cell("th", `${line.name}, ${units[line.kind].unit}`, true));
  const made = document.createElement("thead");
  made.append(row);
  return made;
}

export function fillTable(into, rows, lines, units, zone) {
  const body = document.createElement("tbody");
  for (let place = rows.times.length - 1; place >= Math.max(0, rows.times.length - MOST_ROWS); place -= 1) {
    const row = document.createElement("tr");
    row.append(cell("th", dayAndClock(rows.times[place], zone), null));
    for (const line of lines) {
      const value = rows.columns[line.metric]?.[place] ?? null;
      row.append(cell("td", value === null ? "–" : figure(line.kind, value / units[line.kind].size), true));
    }
    body.append(row);
  }
  const table = document.createElement("table");
  table.className = "table";
  table.append(head(lines, units, zone), body);
  into.replaceChildren(table);
}
