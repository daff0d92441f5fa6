/** Numbers as people read them; the same ladders as cango_ops/base/figures.py. */

const LADDERS = {
  ths: [[1, "TH/s"], [1e3, "PH/s"], [1e6, "EH/s"]],
  w: [[1, "W"], [1e3, "kW"], [1e6, "MW"], [1e9, "GW"]],
  wh: [[1, "Wh"], [1e3, "kWh"], [1e6, "MWh"], [1e9, "GWh"]],
  mib: [[1, "MiB"], [1024, "GiB"], [1024 ** 2, "TiB"]],
  per_s: [[1, "/s"], [1e3, "k/s"], [1e6, "M/s"]],
  pct: [[1, "%"]],
  ratio: [[0.01, "%"]],
  c: [[1, "°C"]],
  rpm: [[1, "rpm"]],
  count: [[1, ""]],
};

/** The step of a kind's ladder that fits its largest value: {size, unit}. */
export function unitOf(kind, largest) {
  const ladder = LADDERS[kind] ?? [[1, ""]];
  const fitting = ladder.filter(([size]) => Math.abs(largest) >= size);
  const [size, unit] = fitting.at(-1) ?? ladder[0];
  return { size, unit };
}

/** Three significant digits, and all digits before the point; an en dash where nothing is known. */
export function significant(value, digits = 3) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (value === 0) return "0";
  const before = Math.abs(value) >= 1 ? String(Math.trunc(Math.abs(value))).length : 1;
  return fixed(value, Math.max(0, digits - before));
}

/** So many decimals, and a true minus. */
export function fixed(value, decimals) {
  return value
    .toLocaleString("en-GB", { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
    .replace("-", "−");
}

/** A value as its kind is read: what is counted has no digits behind the point where it is whole. */
export function figure(kind, value) {
  return kind === "count" && Number.isInteger(value) ? value.toLocaleString("en-GB") : significant(value);
}

/** A length of time in its largest unit: "14 s", "4 min", "3 h", "2 d". */
export function age(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h`;
  return `${Math.floor(whole / 86400)} d`;
}
