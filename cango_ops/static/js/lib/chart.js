/** A live chart. The only file that knows plotly; it is loaded when the first chart comes into view. */

import { ticks } from "./axis.js";
import { figure, fixed, unitOf } from "./figures.js";
import { fresh } from "./live.js";
import * as marks from "./marks.js";
import { dropBefore, fetchSeries, firstKnown, join, knownUntil, lastKnown, withGaps } from "./series.js";
import { fillCells, fillTable } from "./table.js";
import { colour } from "./theme.js";
import { dayAndClock } from "./time.js";

const TONES = { ink: "ink", quiet: "ink-3", accent: "accent" };
const PIXELS_A_TICK = 56;
const YOUNG = 0.1;
const LEAST_SHOWN_MS = 600_000;
// Minutes that were shown become gaps once those after them prove that only a part was read.
const STEPS_AGAIN = 9;
const ASK_AGAIN_MS = 10_000;
let loading = null;

function loadPlotly() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = document.body.dataset.plotly;
    script.addEventListener("load", () => resolve(window.Plotly));
    script.addEventListener("error", () => reject(new Error("the drawing part could not be loaded")));
    document.head.append(script);
  });
  return loading;
}

/** The unit of the left or the right axis, over it. */
function unitOver(text, side) {
  return {
    text, xref: "paper", yref: "paper", x: side, y: 1, yanchor: "bottom", showarrow: false,
    xanchor: side ? "left" : "right", xshift: side ? 4 : -4,
  };
}

/** What stands beside the pointer; plotly's own formats write a hyphen for a minus. */
function told(values, decimals) {
  return values.map((value) => (value === null ? "" : fixed(value, decimals)));
}

/** Numbers beside a plot so high that none covers another. */
function tickCount(plot) {
  return Math.max(2, Math.min(4, Math.floor(plot.clientHeight / 32)));
}

/** What did not come is asked for again in a while, whether or not its topic changes. */
function askAgain(chart) {
  clearTimeout(chart.again);
  chart.again = setTimeout(() => chart.figure.isConnected && chart.refresh(), ASK_AGAIN_MS);
}

export class Chart {
  constructor(figure) {
    this.figure = figure;
    this.plot = figure.querySelector(".plot");
    this.note = figure.querySelector(".chart-note");
    this.lines = JSON.parse(figure.dataset.lines);
    this.stepMs = 1000 * Number(figure.dataset.resolutionS);
    this.isMoving = figure.dataset.moving === "true";
    this.rows = null;
    this.busy = false;
    this.wasEmpty = false;
  }

  /** The span shown, in ms; a preset moves with the clock. */
  get span() {
    if (!this.isMoving) return [Date.parse(this.figure.dataset.from), Date.parse(this.figure.dataset.to)];
    return [Date.now() - 1000 * Number(this.figure.dataset.lengthS), Date.now()];
  }

  get margins() {
    return { l: 40, r: this.kinds.length > 1 ? 40 : 8 };
  }

  /** What the axis shows, in ms: a history that has only just begun from its beginning, said beside the legend. */
  get window() {
    const [start, end] = this.span;
    const first = this.isMoving && this.rows ? firstKnown(this.rows, this.lines) : null;
    if (first === null || first < end - YOUNG * (end - start)) return [start, end];
    return [Math.max(start, Math.min(first, end - LEAST_SHOWN_MS)), end];
  }

  async start() {
    this.figure.addEventListener("changed", () => this.refresh());
    this.figure.querySelector(".twin").addEventListener("toggle", () => this.drawTable());
    await this.refresh();
  }

  /** Fetches what is missing: everything at first, then from a little before the last known row (it may have grown). */
  async refresh() {
    if (this.busy || (this.rows && !this.isMoving)) return;
    this.busy = true;
    try {
      const [start, end] = this.span;
      const known = this.rows && knownUntil(this.rows, this.lines);
      const from = known ? Math.max(start, known - STEPS_AGAIN * this.stepMs) : start;
      const [answer, plotly] = await Promise.all([fetchSeries(this.figure.dataset.seriesUrl, from, end), loadPlotly()]);
      this.plotly = plotly;
      this.take(withGaps(answer, this.stepMs), start);
      fresh();
    } catch (error) {
      this.say(`${error.message}, stale since ${dayAndClock(this.takenAt ?? Date.now())}`);
      askAgain(this);
    } finally {
      this.busy = false;
    }
  }

  take(answer, start) {
    this.takenAt = Date.now();
    const first = !this.rows?.times.length;
    if (first) this.rows = answer;
    const added = first ? 0 : join(this.rows, answer);
    const isEmpty = this.lines.every((line) => lastKnown(this.rows.columns[line.metric]) === null);
    this.say(isEmpty ? "no data in this range" : "");
    if (first || isEmpty || this.wasEmpty || this.unitsChanged()) this.draw();
    else this.append(added);
    this.wasEmpty = isEmpty;
    dropBefore(this.rows, start);
    this.drawTable();
    this.tell(null);
  }

  say(text) {
    this.note.textContent = text;
    this.note.hidden = text === "";
  }

  largest(kind) {
    const columns = this.lines.filter((line) => line.kind === kind).map((line) => this.rows.columns[line.metric] ?? []);
    return Math.max(0, ...columns.map((column) => column.reduce((most, value) => Math.max(most, Math.abs(value ?? 0)), 0)));
  }

  unitsChanged() {
    return this.kinds.some((kind) => unitOf(kind, this.largest(kind)).unit !== this.units[kind].unit);
  }

  values(line) {
    return (this.rows.columns[line.metric] ?? []).map((value) => (value === null ? null : value / this.units[line.kind].size));
  }

  trace(line) {
    const tone = colour(TONES[line.tone] ?? line.tone);
    const values = this.values(line);
    const few = values.filter((value) => value !== null).length < 3;
    return {
      x: [...this.rows.times], y: values, yaxis: this.kinds.indexOf(line.kind) ? "y2" : "y", type: "scatter",
      mode: few ? "lines+markers" : "lines", name: line.name, connectgaps: false, hoverinfo: "none",
      line: { color: tone, width: line.dashed ? 1 : 1.5, dash: line.dashed ? "dot" : "solid", shape: "linear" },
      marker: { color: tone, size: 4 },
    };
  }

  layout() {
    const axis = { showgrid: true, zeroline: false, fixedrange: true, nticks: tickCount(this.plot), tickmode: "auto", gridcolor: colour("line"), automargin: false };
    const layout = {
      margin: { ...this.margins, t: 16, b: 20 },
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", showlegend: false, hovermode: "x",
      dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom", autosize: true,
      font: { family: getComputedStyle(document.body).fontFamily, size: 11, color: colour("ink-3") },
      ...this.timeAxis(),
      yaxis: { ...axis, ...this.valueAxis(this.kinds[0]) },
      annotations: this.kinds.slice(0, 2).map((kind, side) => unitOver(this.units[kind].unit, side)),
    };
    if (this.kinds.length > 1) layout.yaxis2 = { ...axis, ...this.valueAxis(this.kinds[1]), overlaying: "y", side: "right", showgrid: false };
    return layout;
  }

  /** Shares stand on 0 to 100; other numbers have room around what they did, down to 0 at most. */
  valueAxis(kind) {
    if (kind === "pct" || kind === "ratio") return { range: [0, 104], dtick: 50, tickmode: "linear", tick0: 0 };
    const known = this.lines.filter((line) => line.kind === kind).flatMap((line) => this.values(line)).filter((value) => value !== null);
    if (!known.length) return { range: [0, 1], showticklabels: false };
    const most = known.reduce((a, b) => Math.max(a, b), 0) || 1;
    const least = known.reduce((a, b) => Math.min(a, b), most);
    const room = Math.max(most - least, 0.1 * most);
    const range = [Math.max(0, least - 0.3 * room), most + 0.15 * room];
    // Nobody counts half a machine.
    const steps = kind === "count" && range[1] - range[0] < 4 ? { tickmode: "linear", tick0: 0, dtick: 1 } : { tickmode: "auto" };
    return { range, showticklabels: true, ...steps };
  }

  timeAxis() {
    const [start, end] = this.window;
    const { values, texts } = ticks(start, end, this.figure.dataset.zone, Math.max(2, this.plot.clientWidth / PIXELS_A_TICK));
    const now = Date.now();
    const rule = { type: "line", xref: "x", yref: "paper", x0: now, x1: now, y0: 0, y1: 1, line: { color: colour("accent"), width: 1 } };
    const shown = end + (end - start) * (this.isMoving ? 0.01 : 0);
    marks.show(this.figure, start, shown, this.margins);
    return {
      xaxis: {
        type: "date", range: [start, shown], tickmode: "array", tickvals: values, ticktext: texts,
        showgrid: false, zeroline: false, showline: true, linecolor: colour("line"), ticks: "outside", ticklen: 3, tickcolor: colour("line"),
        showspikes: true, spikemode: "across", spikesnap: "cursor", spikethickness: 1, spikedash: "solid", spikecolor: colour("control"),
      },
      shapes: [...marks.shapes(start, end), ...(now >= start && now <= end + 1000 ? [rule] : [])],
    };
  }

  /** Draws everything anew: at first, with a new theme, when the unit of an axis changes. */
  draw() {
    if (!this.rows) return;
    this.kinds = [...new Set(this.lines.map((line) => line.kind))];
    this.units = Object.fromEntries(this.kinds.map((kind) => [kind, unitOf(kind, this.largest(kind))]));
    const traces = this.lines.map((line) => this.trace(line));
    const isNew = !this.plot.data;
    this.plotly.react(this.plot, traces, this.layout(), { displayModeBar: false, responsive: false, doubleClick: false });
    if (isNew) this.listen();
  }

  /** Corrects the rows that both had, appends the new ones and lets the window move. */
  append(added) {
    const most = this.rows.times.length;
    this.lines.forEach((line, index) => {
      const drawn = this.plot.data[index].y;
      const known = this.values(line).slice(0, most - added).slice(-drawn.length);
      known.forEach((value, place) => (drawn[drawn.length - known.length + place] = value));
    });
    if (added) {
      const fresh = { x: this.lines.map(() => this.rows.times.slice(-added)), y: this.lines.map((line) => this.values(line).slice(-added)) };
      this.plotly.extendTraces(this.plot, fresh, this.lines.map((_, index) => index), most);
    }
    this.plotly.relayout(this.plot, { ...this.timeAxis(), ...this.valueRanges() });
  }

  /** Events came or went. */
  mark() {
    if (this.plot.data) this.plotly.relayout(this.plot, this.timeAxis());
  }

  valueRanges() {
    const ranges = this.kinds.map((kind, side) => [side ? "yaxis2.range" : "yaxis.range", this.valueAxis(kind).range]);
    return Object.fromEntries(ranges);
  }

  listen() {
    new ResizeObserver(() => this.plotly.Plots.resize(this.plot)).observe(this.plot);
    this.plot.on("plotly_hover", (event) => this.tell(event.points[0].pointIndex));
    this.plot.on("plotly_unhover", () => this.tell(null));
    this.plot.on("plotly_relayout", (change) => this.zoom(change["xaxis.range[0]"], change["xaxis.range[1]"]));
  }

  /** A range drawn on one chart becomes the page's range, and so that of every chart. */
  zoom(start, end) {
    if (start === undefined || end === undefined) return;
    const here = new URL(location.href);
    here.searchParams.delete("range");
    const utc = (text) => new Date(`${String(text).replace(" ", "T")}Z`).toISOString().replace(/\.\d+Z$/, "Z");
    here.searchParams.set("from", utc(start));
    here.searchParams.set("to", utc(end));
    location.assign(here);
  }

  /** The values under the cross-hair, or the last known ones, in the legend. */
  tell(place) {
    for (const line of this.lines) {
      const column = this.rows.columns[line.metric] ?? [];
      const value = place === null ? lastKnown(column) : this.plot.data[0] && this.valueAt(line, place);
      const { size, unit } = this.units?.[line.kind] ?? { size: 1, unit: "" };
      const output = this.figure.querySelector(`[data-line="${CSS.escape(line.metric)}"]`);
      output.textContent = value === null || value === undefined ? "–" : `${figure(line.kind, value / size)} ${unit}`;
    }
    const at = this.figure.querySelector("[data-at]");
    const [shown] = this.window;
    const since = shown > this.span[0] ? `shown from ${dayAndClock(shown, this.figure.dataset.zone)}` : "";
    at.textContent = place === null ? since : dayAndClock(this.plot.data[0].x[place], this.figure.dataset.zone) + this.why(place);
  }

  /** What a gap is, for who points at it. */
  why(place) {
    const isGap = this.lines.every((line) => line.dashed || this.plot.data[this.lines.indexOf(line)].y[place] === null);
    return isGap ? ": gap, not all was read" : "";
  }

  valueAt(line, place) {
    const value = this.plot.data[this.lines.indexOf(line)].y[place];
    return value === null ? null : value * this.units[line.kind].size;
  }

  drawTable() {
    if (!this.rows || !this.figure.querySelector(".twin").open) return;
    fillTable(this.figure.querySelector(".twin .table-room"), this.rows, this.lines, this.units, this.figure.dataset.zone);
  }
}

const BANDS = { mining_mw: "Mining", ai_mw: "AI", stored_mw: "Stored", sold_mw: "Sold", idle_mw: "Idle" };
const HEADS = { load_mw: "Load, MW", price_usd_mwh: "Power, $/MWh", hashprice: "Hashprice, $/PH/day" };
const LINES = { measured_mw: ["Measured, MW", "ink", "solid"], planned_mw: ["Planned then, MW", "ink-3", "dot"] };
const WITHOUT = { without_mw: ["Load without it, MW", "ink", "dash"] };

/** Megawatts by use ahead as stacked bands, what was measured before now as a line, and the price on the right. */
export class PlanChart {
  constructor(figure) {
    this.figure = figure;
    this.plot = figure.querySelector(".plot");
    this.note = figure.querySelector(".chart-note");
    this.answer = null;
  }

  async start() {
    this.figure.addEventListener("changed", () => this.refresh());
    this.figure.querySelector(".twin").addEventListener("toggle", () => this.drawTable());
    await this.refresh();
  }

  async refresh() {
    try {
      const [reply, plotly] = await Promise.all([fetch(this.figure.dataset.url, { headers: { Accept: "application/json" } }), loadPlotly()]);
      if (!reply.ok || reply.redirected) throw new Error(`the plan could not be read (${reply.status})`);
      [this.answer, this.plotly] = [await reply.json(), plotly];
      this.say(this.isEmpty ? "no plan to show: what runs is left alone" : "");
      this.draw();
      fresh();
    } catch (error) {
      this.say(`${error.message}, stale since ${dayAndClock(this.answer?.now ?? Date.now())}`);
      askAgain(this);
    }
  }

  get isEmpty() {
    return !this.answer.times.length && !(this.answer.actual?.measured_mw ?? []).some((value) => value !== null);
  }

  say(text) {
    this.note.textContent = text;
    this.note.hidden = text === "";
  }

  /** What the battery gives is no use of power: only what goes into it is stacked. */
  bands() {
    const { times, columns } = this.answer;
    return Object.entries(BANDS).filter(([name]) => columns[name]?.some((value) => value > 0)).map(([name, title]) => ({
      x: times, y: columns[name].map((value) => (value === null ? null : Math.max(0, value))), name: title, type: "scatter", mode: "lines",
      stackgroup: "use", line: { width: 0, shape: "hv" }, fillcolor: colour(`use-${name.slice(0, -3)}`), hovertemplate: `%{y:.3f} MW ${title}<extra></extra>`,
    }));
  }

  lines() {
    const { actual, times, columns } = this.answer;
    const known = (names, x, from) => Object.entries(names).filter(([name]) => from?.[name]?.some((value) => value !== null)).map(([name, [title, tone, dash]]) => ({
      x, y: from[name], text: told(from[name], 3), name: title, type: "scatter", mode: "lines", line: { color: colour(tone), width: 1.5, dash }, hovertemplate: `%{text} ${title}<extra></extra>`,
    }));
    const past = [...known(LINES, actual?.times, actual), ...known(WITHOUT, times, columns)];
    const price = { x: [...(actual?.times ?? []), ...times], y: [...(actual?.price_usd_mwh ?? []), ...(columns.price_usd_mwh ?? [])] };
    const dollars = [["$/MWh", price]];
    if (columns.hashprice) dollars.push(["$/PH/day", { x: times, y: columns.hashprice }]);
    return [...past, ...dollars.map(([unit, line], place) => ({
      ...line, text: told(line.y, 2), name: unit, type: "scatter", mode: "lines", yaxis: "y2", connectgaps: false,
      line: { color: colour(place ? "ink-2" : "accent"), width: 1.5, dash: place ? "dashdot" : "dot", shape: "hv" }, hovertemplate: `%{text} ${unit}<extra></extra>`,
    }))];
  }

  get marks() {
    return this.answer.marks ?? [];
  }

  rule(at, tone, dash) {
    return { type: "line", xref: "x", yref: "paper", x0: at, x1: at, y0: 0, y1: 1, line: { color: colour(tone), width: 1, dash } };
  }

  draw() {
    if (!this.answer || !this.plotly) return;
    const { now, times, actual } = this.answer;
    const start = actual?.times[0] ?? now;
    const end = times.at(-1) ?? now + 3_600_000;
    const { values, texts } = ticks(start, end, this.figure.dataset.zone, Math.max(2, this.plot.clientWidth / PIXELS_A_TICK));
    const axis = { zeroline: false, fixedrange: true, nticks: tickCount(this.plot), tickmode: "auto", rangemode: "tozero" };
    marks.show(this.figure, start, end, { l: 44, r: 44 });
    this.plotly.react(this.plot, [...this.bands(), ...this.lines()], {
      margin: { l: 44, r: 44, t: 16, b: 20 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", showlegend: false, hovermode: "x unified",
      hoverlabel: { bgcolor: colour("panel"), bordercolor: colour("line"), font: { color: colour("ink") } }, dragmode: false, autosize: true,
      font: { family: getComputedStyle(document.body).fontFamily, size: 11, color: colour("ink-3") },
      xaxis: { type: "date", range: [start, end], tickmode: "array", tickvals: values, ticktext: texts, fixedrange: true, showgrid: false, linecolor: colour("line"), showline: true },
      yaxis: { ...axis, gridcolor: colour("line") }, yaxis2: { ...axis, overlaying: "y", side: "right", showgrid: false },
      shapes: [...marks.shapes(start, end), this.rule(now, "accent", "solid"), ...this.marks.map(({ at }) => this.rule(at, "ink-2", "dash"))],
      annotations: [unitOver("MW", 0), unitOver("$/MWh", 1), ...this.marks.map(({ at, name }) => ({ x: at, xref: "x", y: 1, yref: "paper", yanchor: "bottom", text: name, showarrow: false }))],
    }, { displayModeBar: false, responsive: true });
    this.drawTable();
  }

  drawTable() {
    if (!this.answer || !this.figure.querySelector(".twin").open) return;
    const names = Object.keys(this.answer.columns);
    const rows = this.answer.times.map((at, place) => [dayAndClock(at, this.figure.dataset.zone), ...names.map((name) => figure("", this.answer.columns[name][place]))]);
    const heads = names.map((name) => HEADS[name] ?? `${BANDS[name] ?? name}, MW`);
    fillCells(this.figure.querySelector(".twin .table-room"), [`Time (${this.figure.dataset.zone})`, ...heads], rows);
  }
}
