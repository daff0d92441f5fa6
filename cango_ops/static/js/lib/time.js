/** Ages that count on, clocks of places, and times written in a zone. */

import { age } from "./figures.js";

const formats = new Map();

function format(zone, options) {
  const key = zone + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options }));
  return formats.get(key);
}

export function pageZone() {
  return document.body.dataset.zone || "UTC";
}

/** "12:03:10 UTC" in the zone, "UTC" or an offset such as GMT−6 behind it. */
export function clock(moment, zone = pageZone()) {
  const options = { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short", hourCycle: "h23" };
  return format(zone, options).format(moment);
}

/** "21 Nov 12:03" in the zone. */
export function dayAndClock(moment, zone = pageZone()) {
  const options = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return format(zone, options).format(moment).replace(",", "");
}

export function hourAndMinute(moment, zone) {
  return format(zone, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(moment);
}

export function day(moment, zone) {
  return format(zone, { day: "numeric", month: "short" }).format(moment);
}

/** Milliseconds that the zone's wall clock is ahead of UTC at the moment. */
export function offsetMs(moment, zone) {
  const options = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric", hourCycle: "h23" };
  const part = Object.fromEntries(format(zone, options).formatToParts(moment).map(({ type, value }) => [type, +value]));
  const wall = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
  return wall - Math.floor(moment / 1000) * 1000;
}

/** A row that the server called live a while ago is not live any more: its state cell says so. */
function sayStale(cell) {
  const word = document.getElementById("state-stale");
  if (word) cell.replaceChildren(word.content.cloneNode(true));
}

function tellAge(element, now) {
  const seconds = (now - Date.parse(element.dateTime)) / 1000;
  const limit = Number(element.dataset.staleAfterS || Infinity);
  const stale = seconds > limit;
  const cell = element.closest("[data-row]")?.querySelector("[data-state]");
  const text = (stale && !cell ? "stale " : "") + age(seconds);
  element.classList.toggle("is-stale", stale);
  if (stale && cell && !cell.querySelector(".is-stale")) sayStale(cell);
  if (element.textContent !== text) element.textContent = text;
}

function tick() {
  const now = Date.now();
  for (const element of document.querySelectorAll("time[data-age]")) tellAge(element, now);
  for (const element of document.querySelectorAll("[data-clock-zone]")) {
    const text = hourAndMinute(now, element.dataset.clockZone);
    if (element.textContent !== text) element.textContent = text;
  }
}

export function start() {
  setInterval(tick, 1000);
  document.addEventListener("visibilitychange", tick);
}
