/** Tables that sort by their heads: `data-sorts` on a table with an id. The choice stands in the address, as
 * by=ID.COLUMN, with a minus where it runs down, and outlives every swap. Rows of class sum stay where they stand. */

const ASKED = "by";

function columns(table) {
  return [...table.tHead.rows[0].cells];
}

/** What a cell is sorted by: an instant, a number, a word; null where nothing is known, which comes last. */
function valueOf(cell, isNumber) {
  const time = cell.querySelector("time");
  if (time) return Date.parse(time.dateTime);
  const figure = cell.querySelector(".fig");
  const text = (figure?.title || cell.textContent).trim();
  if (!isNumber) return text === "–" ? null : text.toLowerCase();
  const number = Number.parseFloat(text.replaceAll("−", "-").replace(/[$,+]/g, ""));
  return Number.isNaN(number) ? null : number;
}

function compare(one, other, down) {
  if (one === null || other === null) return (one === null) - (other === null);
  const order = typeof one === "string" && typeof other === "string" ? one.localeCompare(other) : one - other;
  return down ? -order : order;
}

function sort(table, column, down) {
  const body = table.tBodies[0];
  const isNumber = columns(table)[column].classList.contains("n");
  const rows = [...body.rows].filter((row) => !row.classList.contains("sum") && row.cells.length > column);
  const order = rows
    .map((row) => ({ row, value: valueOf(row.cells[column], isNumber) }))
    .sort((one, other) => compare(one.value, other.value, down));
  const places = rows.map((row) => {
    const place = document.createComment("");
    row.replaceWith(place);
    return place;
  });
  places.forEach((place, number) => place.replaceWith(order[number].row));
  columns(table).forEach((head, number) => {
    if (number !== column) head.removeAttribute("aria-sort");
    else head.setAttribute("aria-sort", down ? "descending" : "ascending");
  });
}

function chosen() {
  const said = /^(-?)([\w-]+)\.(\d+)$/.exec(new URLSearchParams(location.search).get(ASKED) ?? "");
  return said && { down: said[1] === "-", id: said[2], column: Number(said[3]) };
}

function choose(table, column) {
  const head = columns(table)[column];
  const before = head.getAttribute("aria-sort");
  const down = before ? before === "ascending" : head.classList.contains("n");
  const address = new URL(location.href);
  address.searchParams.set(ASKED, `${down ? "-" : ""}${table.id}.${column}`);
  history.replaceState(history.state, "", address);
  sort(table, column, down);
}

function prepare(table) {
  columns(table).forEach((head, column) => {
    if (!head.textContent.trim() || head.dataset.unsorted !== undefined || head.querySelector("button, .sr")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "plain sorts";
    button.append(...head.childNodes);
    button.addEventListener("click", () => choose(table, column));
    head.append(button);
  });
  const asked = chosen();
  if (asked?.id === table.id && asked.column < columns(table).length) sort(table, asked.column, asked.down);
}

function prepareAll(root) {
  for (const table of root.querySelectorAll("table[data-sorts][id]")) {
    if (!table.tHead.querySelector(".sorts")) prepare(table);
  }
}

export function start(root) {
  prepareAll(root);
  root.addEventListener("htmx:afterSwap", () => prepareAll(root));
}
