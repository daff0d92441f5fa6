/** The socket to /live: which topics the page wants, which sequence numbers it has seen, and saying how live it is.
 *
 * The server sends {topic, seq} and nothing else. On a new number the elements that carry the topic in data-topic
 * get the event "changed" (at most once in data-gap-s seconds, the last one never lost) and fetch what they may see.
 */

import { clock } from "./time.js";

const FIRST_WAIT_S = 10; // spread of many tabs after the server's restart
const LONGEST_WAIT_S = 30;
const SILENT_S = 45; // the hub has a beat every 15 s; a half-open connection says nothing for ever
const SESSION_ENDED = 4401;
const GAP_S = 2;
const AGAIN_S = 5;
const POLL_S = 10;

const seen = new Map();
const owed = new Set();
const fired = new WeakMap();
const timers = new WeakMap();
let socket = null;
let tries = 0;
let retry = 0;
let heardAt = Date.now();
let freshAt = Date.now();
let paused = false;
let state = "still";

function wanted() {
  const topics = new Set();
  for (const element of document.querySelectorAll("[data-topic]")) {
    for (const topic of element.dataset.topic.split(" ")) if (topic) topics.add(topic);
  }
  return topics;
}

/** Whether anything on the page is live but what always is. */
function isLive() {
  return document.querySelector("[data-topic]:not([data-always])") !== null;
}

function say(next) {
  state = next;
  const indicator = document.getElementById("live");
  if (!indicator || !isLive()) return;
  indicator.dataset.live = next;
  document.documentElement.dataset.live = next;
  if (next === indicator.dataset.said) return;
  indicator.dataset.said = next;
  const since = clock(freshAt);
  const texts = {
    live: "live",
    connecting: "connecting",
    paused: `paused at ${since}`,
    reconnecting: `reconnecting, stale since ${since}`,
    away: `database away, stale since ${since}`,
    failing: `not answering, stale since ${since}`,
    offline: `offline, stale since ${since}`,
    still: "not live",
  };
  document.getElementById("live-text").textContent = texts[next];
}

/** Data arrived: what the page shows is as fresh as now. */
export function fresh() {
  freshAt = Date.now();
  if (state === "failing") say("live");
}

/** Data was asked for and did not come: it is asked for again in a while. */
function failed(event) {
  if (state === "live") say("failing");
  for (const topic of event.target.dataset?.topic?.split(" ") ?? []) setTimeout(notify, AGAIN_S * 1000, topic);
}

/** While the page is paused or cut off the topic is owed: it is told when that ends. What carries data-always is told
 * at once, for nobody may pause it. */
function fire(element, topic) {
  timers.delete(element);
  // A machine without a network calls itself offline, though its console answers: the socket knows better.
  const cut = paused || socket?.readyState !== WebSocket.OPEN;
  if (cut && element.dataset.always === undefined) {
    owed.add(topic);
    return;
  }
  fired.set(element, Date.now());
  if (element.isConnected) element.dispatchEvent(new CustomEvent("changed"));
}

function payOwed() {
  const topics = [...owed];
  owed.clear();
  topics.forEach(notify);
}

function notify(topic) {
  for (const element of document.querySelectorAll("[data-topic]")) {
    if (!element.dataset.topic.split(" ").includes(topic) || timers.has(element)) continue;
    const gap = 1000 * Number(element.dataset.gapS || GAP_S);
    const wait = Math.max(0, (fired.get(element) ?? 0) + gap - Date.now()) + Math.random() * 250;
    timers.set(element, setTimeout(fire, wait, element, topic));
  }
}

function onMessage(event) {
  if (event.target !== socket) return;
  heardAt = Date.now();
  const { topic, seq, database } = JSON.parse(event.data);
  if (database !== undefined && !paused) say(database ? "live" : "away");
  if (!topic || seen.get(topic) === seq) return;
  seen.set(topic, seq);
  notify(topic);
}

function onOpen(event) {
  if (event.target !== socket) return;
  tries = 0;
  heardAt = Date.now();
  socket.send(JSON.stringify({ subscribe: [...wanted()] }));
  say(paused ? "paused" : "live");
  if (!paused) payOwed();
}

function onClose(event) {
  if (event.target !== socket) return;
  if (event.code === SESSION_ENDED) location.reload();
  lost();
}

/** The socket is gone, or counts as gone: a browser that is cut off hears of its end only minutes later. */
function lost() {
  socket = null;
  if (!paused) say(navigator.onLine ? "reconnecting" : "offline");
  const spread = Math.min(LONGEST_WAIT_S, FIRST_WAIT_S * 1.5 ** tries++);
  clearTimeout(retry);
  retry = setTimeout(connect, 1000 * (0.3 + Math.random() * spread));
}

function connect() {
  clearTimeout(retry);
  if (socket || !wanted().size) return;
  socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live`);
  socket.addEventListener("open", onOpen);
  socket.addEventListener("message", onMessage);
  socket.addEventListener("close", onClose);
}

function reconnectSoon() {
  tries = 0;
  if (socket?.readyState !== WebSocket.OPEN) drop();
  clearTimeout(retry);
  retry = setTimeout(connect, Math.random() * 2000);
}

function watch() {
  if (socket?.readyState !== WebSocket.OPEN || Date.now() - heardAt <= SILENT_S * 1000) return;
  drop();
  lost();
}

/** Without the socket, what carries data-always asks by itself. */
function poll() {
  if (socket?.readyState === WebSocket.OPEN || !navigator.onLine) return;
  for (const element of document.querySelectorAll("[data-always]")) element.dispatchEvent(new CustomEvent("changed"));
}

function drop() {
  const old = socket;
  socket = null;
  old?.close();
}

function pause() {
  paused = !paused;
  const button = document.getElementById("live-pause");
  button.ariaLabel = paused ? "Resume" : "Pause";
  button.ariaPressed = String(paused);
  freshAt = paused ? Date.now() : freshAt;
  say(paused ? "paused" : socket?.readyState === WebSocket.OPEN ? "live" : "reconnecting");
  if (!paused) payOwed();
}

export function start() {
  if (!wanted().size) return;
  const button = document.getElementById("live-pause");
  if (button && isLive()) {
    say("connecting");
    button.hidden = false;
    button.addEventListener("click", pause);
  }
  document.addEventListener("htmx:afterSwap", (event) => event.target.dataset.always === undefined && fresh());
  document.addEventListener("htmx:responseError", failed);
  document.addEventListener("htmx:sendError", failed);
  window.addEventListener("online", reconnectSoon);
  window.addEventListener("offline", () => {
    drop();
    lost();
  });
  window.addEventListener("pageshow", (event) => event.persisted && reconnectSoon());
  setInterval(watch, 5000);
  setInterval(poll, POLL_S * 1000);
  connect();
}
