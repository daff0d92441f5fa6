/** Events on charts. The list under the charts is the server's; each chart shows its entries as marks along the upper
 * edge and as rules, and what lasts as a band. One Tab reaches the marks of a chart, arrow keys go from one to the next. */

import { colour } from "./theme.js";

const CHANGED = "marks:changed";
const TONES = { critical: "critical", warning: "warning", maintenance: "maintenance" };

function list() {
  return document.getElementById("events");
}

function ms(seconds) {
  return 1000 * Number(seconds);
}

function toneOf(element) {
  return colour(TONES[element.dataset.tone] ?? "ink-3");
}

/** Shapes of plotly for what lies between start and end, in ms. */
export function shapes(start, end) {
  const bands = [...(list()?.querySelectorAll("[data-band]") ?? [])]
    .map((one) => [Math.max(start, ms(one.dataset.at)), one.dataset.until ? Math.min(end, ms(one.dataset.until)) : end, one])
    .filter(([from, to]) => from < to);
  const rules = entries(start, end);
  return [
    ...bands.map(([x0, x1, one]) => ({ type: "rect", xref: "x", yref: "paper", x0, x1, y0: 0, y1: 1, layer: "below", fillcolor: toneOf(one), opacity: 0.12, line: { width: 0 } })),
    ...rules.map(({ at, link }) => ({ type: "line", xref: "x", yref: "paper", x0: at, x1: at, y0: 0, y1: 1, layer: "below", line: { color: toneOf(link), width: 1, dash: "dot" } })),
  ];
}

function entries(start, end) {
  const links = [...(list()?.querySelectorAll("[data-mark]") ?? [])];
  return links.map((link) => ({ at: ms(link.dataset.at), link })).filter(({ at }) => at >= start && at <= end);
}

function strip(figure) {
  const known = figure.querySelector(".event-marks");
  if (known) return known;
  const made = document.createElement("div");
  made.className = "event-marks";
  made.setAttribute("role", "group");
  made.setAttribute("aria-label", `Events on ${figure.querySelector("h2").textContent}`);
  made.addEventListener("keydown", walk);
  figure.querySelector(".plot").before(made);
  return made;
}

/** Left and right go from mark to mark, and no further: elsewhere they move the range. */
function walk(event) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step) return;
  event.preventDefault();
  event.stopPropagation();
  const all = [...event.currentTarget.children];
  const next = all[all.indexOf(document.activeElement) + step];
  if (!next) return;
  all.forEach((one) => (one.tabIndex = one === next ? 0 : -1));
  next.focus();
}

function mark({ at, link }, start, end) {
  const made = document.createElement("a");
  const share = (at - start) / (end - start);
  made.href = link.href;
  made.className = `event-mark ${[...link.classList].join(" ")}${share > 0.6 ? " is-right" : ""}`;
  made.style.left = `${100 * share}%`;
  made.dataset.name = link.dataset.name;
  made.setAttribute("aria-label", link.dataset.name);
  made.append(link.querySelector("svg").cloneNode(true));
  return made;
}

/** Puts the marks between start and end (ms) over a plot with such margins (px). */
export function show(figure, start, end, margins) {
  const room = strip(figure);
  const focused = [...room.children].findIndex((one) => one === document.activeElement);
  const made = entries(start, end).map((entry) => mark(entry, start, end));
  room.style.marginLeft = `${margins.l}px`;
  room.style.marginRight = `${margins.r}px`;
  room.hidden = !made.length;
  made.forEach((one, place) => (one.tabIndex = place === Math.max(0, focused) ? 0 : -1));
  room.replaceChildren(...made);
  if (focused >= 0) made[Math.min(focused, made.length - 1)]?.focus({ preventScroll: true });
}

export function onChange(run) {
  document.addEventListener(CHANGED, run);
}

export function start(root) {
  root.addEventListener("htmx:afterSwap", ({ target }) => target.id === "events" && document.dispatchEvent(new CustomEvent(CHANGED)));
}
