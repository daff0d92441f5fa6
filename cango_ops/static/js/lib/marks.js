/** Events on charts. The list under the charts is the server's; each chart shows its entries as marks along the upper
 * edge and as rules, and what lasts as a band. One Tab reaches the marks of a chart, arrow keys go from one to the next. */

import { colour } from "./theme.js";

const CHANGED = "marks:changed";
const APART_PX = 20;
const AROUND_MS = 60_000;
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

/** Those that would cover each other on a plot so wide (px), together. */
function grouped(all, start, end, width) {
  const groups = [];
  for (const one of all) {
    const place = ((one.at - start) / (end - start)) * width;
    const last = groups.at(-1);
    if (last && place - last.place < APART_PX) last.all.push(one);
    else groups.push({ place, all: [one] });
  }
  return groups.map((group) => group.all);
}

/** "12 alerts, 2 notes" of several marks. */
function counted(all) {
  const words = JSON.parse(list().querySelector("[data-words]").dataset.words);
  const counts = Object.fromEntries(Object.keys(words).map((kind) => [kind, 0]));
  for (const { link } of all) for (const [kind, count] of link.dataset.kinds.split(",").map((part) => part.split(":"))) counts[kind] += Number(count);
  return Object.entries(counts).filter(([, count]) => count).map(([kind, count]) => `${count} ${words[kind][count > 1 ? 1 : 0]}`).join(", ");
}

/** One mark's own page; of several the page of all that happened then. */
function goal(all) {
  if (all.length === 1) return all[0].link.href;
  const url = new URL(list().querySelector("[data-url]").dataset.url, location.href);
  const iso = (moment) => new Date(moment).toISOString().replace(/\.\d+Z$/, "Z");
  url.searchParams.set("from", iso(all[0].at - AROUND_MS));
  url.searchParams.set("to", iso(all.at(-1).at + AROUND_MS));
  return url.href;
}

function mark(all, start, end) {
  const made = document.createElement("a");
  const first = all[0];
  const gravest = all.reduce((one, other) => (Number(other.link.dataset.rank) < Number(one.link.dataset.rank) ? other : one)).link;
  const share = (first.at - start) / (end - start);
  made.href = goal(all);
  made.className = `event-mark ${[...gravest.classList].join(" ")}${share > 0.6 ? " is-right" : ""}`;
  made.style.left = `${100 * share}%`;
  made.dataset.name = all.length === 1 ? gravest.dataset.name : counted(all);
  made.setAttribute("aria-label", made.dataset.name);
  made.append(gravest.querySelector("svg").cloneNode(true));
  return made;
}

/** Puts the marks between start and end (ms) over a plot with such margins (px). */
export function show(figure, start, end, margins) {
  const room = strip(figure);
  const focused = [...room.children].findIndex((one) => one === document.activeElement);
  const width = figure.querySelector(".plot").clientWidth - margins.l - margins.r;
  const made = grouped(entries(start, end), start, end, width).map((all) => mark(all, start, end));
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
