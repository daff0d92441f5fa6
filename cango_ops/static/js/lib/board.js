/** Boards and dense tables: j and k walk the rows that carry data-row, Enter opens (the row's own link). */

import { register } from "./keys.js";

function links() {
  return [...document.querySelectorAll("[data-row] a[href]:first-of-type")].filter((link) => link.offsetParent);
}

function walk(by) {
  const rows = [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent || row.getClientRects().length);
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  const next = here < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.max(0, Math.min(rows.length - 1, here + by));
  rows[next]?.querySelector("a[href], button")?.focus();
}

export function start() {
  if (!links().length) return;
  register("j", "Next row", () => walk(1));
  register("k", "Row before", () => walk(-1));
}
