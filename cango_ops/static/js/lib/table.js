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

/** A table of texts: the first of each row names it, the others are numbers. */
export function fillCells(into, heads, rows) {
  const table = document.createElement("table");
  table.className = "table";
  const head = table.createTHead().insertRow();
  head.append(...heads.map((text, place) => cell("th", text, place > 0)));
  const body = table.createTBody();
  for (const [name, ...texts] of rows) {
    body.insertRow().append(cell("th", name, null), ...texts.map((text) => cell("td", text, true)));
  }
  into.replaceChildren(table);
}

export function fillTable(into, rows, lines, units, zone) {
  const heads = lines.map((line) => `${line.name}, ${units[line.kind].unit}`);
  const shown = [];
  for (let place = rows.times.length - 1; place >= Math.max(0, rows.times.length - MOST_ROWS); place -= 1) {
    const texts = lines.map((line) => {
      const value = rows.columns[line.metric]?.[place] ?? null;
      return value === null ? "–" : figure(line.kind, value / units[line.kind].size);
    });
    shown.push([dayAndClock(rows.times[place], zone), ...texts]);
  }
  fillCells(into, [`Time (${zone})`, ...heads], shown);
}
