/** Which columns of a table are shown: `data-columns` on a table with an id whose heads say `data-column`. What is left out
 * stands in the address, as hide=ID:NAME,NAME;ID:NAME, beside everything else there, and outlives every swap. */

const ASKED = "hide";
// What scripts alone put into the address: links of the page to itself, made before, take it along.
const OURS = [ASKED, "by"];

function hidden() {
  const said = new URLSearchParams(location.search).get(ASKED) ?? "";
  const parts = said.split(";").map((part) => part.split(":")).filter(([id, names]) => id && names);
  return new Map(parts.map(([id, names]) => [id, new Set(names.split(","))]));
}

function keep(all) {
  const address = new URL(location.href);
  const said = [...all].filter(([, names]) => names.size).map(([id, names]) => `${id}:${[...names].join(",")}`);
  if (said.length) address.searchParams.set(ASKED, said.join(";"));
  else address.searchParams.delete(ASKED);
  address.search = address.search.replaceAll("%3A", ":").replaceAll("%2C", ",").replaceAll("%3B", ";");
  history.replaceState(history.state, "", address);
}

function show(table) {
  const left = hidden().get(table.id) ?? new Set();
  [...table.tHead.rows[0].cells].forEach((head, place) => {
    const isLeft = place > 0 && left.has(head.dataset.column);
    for (const row of table.rows) if (row.cells.length > place && row.cells[place].colSpan === 1) row.cells[place].hidden = isLeft;
  });
}

function choose(table, name, shown) {
  const all = hidden();
  const left = all.get(table.id) ?? new Set();
  if (shown) left.delete(name);
  else left.add(name);
  keep(all.set(table.id, left));
  show(table);
}

function box(table, head) {
  const label = document.createElement("label");
  const input = document.createElement("input");
  input.type = "checkbox";
  input.checked = !hidden().get(table.id)?.has(head.dataset.column);
  input.addEventListener("change", () => choose(table, head.dataset.column, input.checked));
  label.append(input, head.textContent.trim());
  return label;
}

function prepare(table) {
  show(table);
  if (document.getElementById(`${table.id}-columns`)) return;
  const menu = document.createElement("details");
  const word = document.createElement("summary");
  const sheet = document.createElement("div");
  menu.className = "menu columns no-print";
  menu.id = `${table.id}-columns`;
  sheet.className = "menu-sheet";
  word.textContent = "Columns";
  sheet.append(...[...table.tHead.rows[0].cells].slice(1).filter((head) => head.dataset.column).map((head) => box(table, head)));
  menu.append(word, sheet);
  (table.closest(".table-room") ?? table).before(menu);
}

function prepareAll(root) {
  for (const table of root.querySelectorAll("table[data-columns][id]")) prepare(table);
}

/** A filter never wipes the columns, nor the columns a filter. */
function carry(event) {
  const link = event.target.closest?.('a[href^="?"]');
  if (!link) return;
  const here = new URLSearchParams(location.search);
  const goal = new URL(link.href);
  for (const key of OURS) if (here.has(key) && !goal.searchParams.has(key)) goal.searchParams.set(key, here.get(key));
  link.href = goal.search;
}

/** A form that keeps the address keeps what it says now. */
function fill(event) {
  const field = event.target.querySelector?.("[data-address]");
  if (field) field.value = location.search.slice(1);
}

export function start(root) {
  prepareAll(root);
  root.addEventListener("htmx:afterSwap", () => prepareAll(root));
  root.addEventListener("click", carry, true);
  root.addEventListener("auxclick", carry, true);
  root.addEventListener("submit", fill, true);
}
