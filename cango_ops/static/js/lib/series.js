/** Rows of a series: fetched from the API, joined to what the page has, gaps kept as gaps. */

/** {times: [ms], columns: {metric: [number or null]}} of the span; throws with the status in words. */
export async function fetchSeries(url, from, to) {
  const asked = new URL(url, location.href);
  asked.searchParams.set("from", new Date(from).toISOString());
  asked.searchParams.set("to", new Date(to).toISOString());
  const answer = await fetch(asked, { headers: { accept: "application/json" } });
  if (!answer.ok) throw new Error(`the series could not be read (${answer.status})`);
  const { start_at: startAt, columns } = await answer.json();
  return { times: startAt.map((text) => Date.parse(text)), columns };
}

/** A hole in the rows becomes a row of nulls, so that no line is drawn through it. */
export function withGaps({ times, columns }, stepMs) {
  const filled = { times: [], columns: Object.fromEntries(Object.keys(columns).map((name) => [name, []])) };
  times.forEach((time, place) => {
    if (place && time - times[place - 1] > 1.5 * stepMs) {
      filled.times.push(times[place - 1] + stepMs);
      for (const column of Object.values(filled.columns)) column.push(null);
    }
    filled.times.push(time);
    for (const [name, column] of Object.entries(filled.columns)) column.push(columns[name][place] ?? null);
  });
  return filled;
}

/** Changes `rows` in place: rows that were known are corrected, newer ones appended. Returns how many are new. */
export function join(rows, fresh) {
  const place = new Map(rows.times.map((time, index) => [time, index]));
  let added = 0;
  fresh.times.forEach((time, from) => {
    const known = place.get(time);
    if (known === undefined && time < rows.times.at(-1)) return;
    if (known === undefined) added += 1;
    const to = known ?? rows.times.push(time) - 1;
    for (const [name, column] of Object.entries(rows.columns)) column[to] = fresh.columns[name]?.[from] ?? null;
  });
  return added;
}

export function dropBefore(rows, start) {
  const first = rows.times.findIndex((time) => time >= start);
  if (first <= 0) return;
  rows.times.splice(0, first);
  for (const column of Object.values(rows.columns)) column.splice(0, first);
}

/** The last known value of a column, or null. */
export function lastKnown(column) {
  return column?.findLast((value) => value !== null) ?? null;
}

/** The time up to which every line that says anything is known, or null. */
export function knownUntil(rows, lines) {
  const places = lines.map((line) => rows.columns[line.metric]?.findLastIndex((value) => value !== null) ?? -1);
  const said = places.filter((place) => place >= 0);
  return said.length ? rows.times[Math.min(...said)] : null;
}

/** The time at which the first of the lines begins to say something, or null. */
export function firstKnown(rows, lines) {
  const places = lines.map((line) => rows.columns[line.metric]?.findIndex((value) => value !== null) ?? -1);
  const said = places.filter((place) => place >= 0);
  return said.length ? rows.times[Math.min(...said)] : null;
}
