// The slot map: arrow keys walk its cells, one of them is in the tab order.

const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

function linkAt(table, row, column) {
  return table.rows[row]?.cells[column]?.querySelector("a") ?? null;
}

function next(link, [down, across]) {
  const cell = link.closest("td");
  const table = cell.closest("table");
  let row = cell.parentElement.rowIndex + down;
  let column = cell.cellIndex + across;
  while (table.rows[row]?.cells[column]) {
    const found = linkAt(table, row, column);
    if (found) return found;
    row += down;
    column += across;
  }
  return null;
}

function keepOneInTabOrder(chosen) {
  const links = document.querySelectorAll("[data-slots] a");
  const first = chosen ?? links[0];
  for (const link of links) link.tabIndex = link === first ? 0 : -1;
}

document.addEventListener("keydown", (event) => {
  const link = event.target.closest?.("[data-slots] a");
  const move = MOVES[event.key];
  if (!link || !move || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const found = next(link, move);
  if (!found) return;
  keepOneInTabOrder(found);
  found.focus();
}, true); // before the page's own arrows, which move the time range

document.addEventListener("htmx:afterSwap", () => keepOneInTabOrder(document.activeElement?.closest("[data-slots] a")));
keepOneInTabOrder(null);
