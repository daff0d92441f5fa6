/** Ticks of a time axis that stand on round hours and midnights of a zone. */

import { day, hourAndMinute, offsetMs } from "./time.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY];

/** {values, texts}: at most `room` ticks between start and end (ms); midnights carry the date. */
export function ticks(start, end, zone, room) {
  const step = STEPS.find((length) => (end - start) / length <= room) ?? STEPS.at(-1);
  const values = [];
  const ahead = offsetMs(start, zone);
  for (let wall = Math.ceil((start + ahead) / step) * step; wall - ahead <= end; wall += step) {
    const moment = wall - offsetMs(wall - ahead, zone);
    if (moment >= start && moment <= end) values.push(moment);
  }
  const texts = values.map((moment) => {
    const text = hourAndMinute(moment, zone);
    return step >= DAY || text === "00:00" ? day(moment, zone) : text;
  });
  return { values, texts };
}
