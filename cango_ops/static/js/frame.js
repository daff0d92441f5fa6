/** Starts what every page has. Pages with something of their own load their module beside this one. */

import * as board from "./lib/board.js";
import * as charts from "./lib/charts.js";
import * as columns from "./lib/columns.js";
import * as dialogs from "./lib/dialogs.js";
import * as doubt from "./lib/doubt.js";
import * as first from "./lib/first.js";
import * as keys from "./lib/keys.js";
import * as live from "./lib/live.js";
import * as marks from "./lib/marks.js";
import * as sort from "./lib/sort.js";
import * as swap from "./lib/swap.js";
import * as theme from "./lib/theme.js";
import * as time from "./lib/time.js";
import * as typed from "./lib/typed.js";

const parts = [first, keys, dialogs, theme, time, sort, columns, swap, board, marks, charts, live, doubt, typed];
for (const part of parts) part.start(document);
