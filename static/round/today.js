/**
 * What is to be done today and in which order, and what was done on this phone already. Pure: tests/static/round.test.js.
 *
 * @typedef {import("../protocol.d.ts").Round} Round
 * @typedef {import("../protocol.d.ts").RoundTask} Task
 * @typedef {import("../protocol.d.ts").RoundPlace} Place
 * @typedef {import("../protocol.d.ts").Visit} Visit
 * @typedef {keyof typeof import("../outbox.js").STATES} State
 * @typedef {{latitude: number, longitude: number}} Position
 * @typedef {{id: string, command: string, state: State, words: string, fields: Record<string, string>, made: number, visit: Visit,
 *   answer: import("../protocol.d.ts").Answer | null, photos: number}} Told a record of this phone; `id` is the record's own
 * @typedef {{task: Task, place: Place, need: Told | null}} Row `need`: it was refused and waits for the person
 * @typedef {{day: string, due: Row[], later: Row[], done: Told[], all: number, left: number, minutes: number,
 *   saved: number}} Today `saved`: visits that today's round saves, what is done included
 */

const BEIJING = 8 * 3_600_000;
const DAY = 86_400_000;
/** The round reaches two weeks ahead; a clock that says more than that is wrong. */
const REACH = 14 * DAY;
const EARTH = 6_371_000;

/** The day in Beijing. @param {number} moment milliseconds */
export function dayOf(moment) {
  return new Date(moment + BEIJING).toISOString().slice(0, 10);
}

/**
 * Today: what the server said, or later where the phone has not heard of it since and its clock can be right.
 * @param {string} said
 * @param {number} now
 */
export function today(said, now) {
  const ahead = now - Date.parse(said);
  return ahead > 0 && ahead < REACH && dayOf(now) > said ? dayOf(now) : said;
}

/**
 * Visits that this phone knows of, newest first; one that was corrected gives way to its correction.
 * @param {import("../outbox.js").Item[]} items what is not on the server yet
 * @param {import("../outbox.js").Received[]} received
 * @returns {Told[]}
 */
export function recordsOf(items, received) {
  /** @type {Map<string, Told>} */
  const found = new Map();
  for (const { id, command, receipt, photos, at } of received) {
    if (command?.verb !== "visit") continue;
    const made = Date.parse(command.at) || at;
    const told = { state: /** @type {State} */ ("received"), words: "", fields: {}, answer: receipt?.answer ?? null };
    found.set(command.data.id, { id: command.data.id, command: id, made, visit: command.data, photos, ...told });
  }
  for (const { id, command, state, words, fields, made, receipt, photos } of items) {
    if (command?.verb !== "visit") continue;
    const answer = receipt?.answer ?? null;
    const told = { state: receipt && state !== "need" ? /** @type {State} */ ("received") : state, words, fields };
    const mine = { id: command.data.id, command: id, visit: command.data, answer, photos: photos.length };
    found.set(command.data.id, { made: Date.parse(command.at) || made, ...mine, ...told });
  }
  for (const { visit } of [...found.values()]) if (visit.corrects) found.delete(visit.corrects);
  return [...found.values()].sort((one, other) => other.made - one.made);
}

/**
 * @param {Round} round
 * @param {Told[]} records
 * @param {number} now
 * @returns {Today}
 */
export function todayOf(round, records, now) {
  const day = today(round.day, now);
  const places = new Map(round.places.map((place) => [place.id, place]));
  /** @type {Map<string, Told>} */
  const byTask = new Map();
  for (const told of records) {
    const { task } = told.visit;
    // A later record of the same task counts; one that came in on an earlier day left the task open for today.
    if (task && !byTask.has(task) && (told.state !== "received" || dayOf(told.made) >= day)) byTask.set(task, told);
  }
  /** @type {Row[]} */
  const due = [];
  /** @type {Row[]} */
  const later = [];
  for (const task of round.tasks) {
    const place = places.get(task.place);
    const told = byTask.get(task.id);
    if (!place || (told && told.state !== "need")) continue;
    (task.day <= day ? due : later).push({ task, place, need: told ?? null });
  }
  const done = records.filter(({ state, made }) => state !== "need" && dayOf(made) >= day);
  const over = new Set(done.map(({ visit }) => visit.task).filter(Boolean)).size;
  const open = new Map(round.tasks.map((task) => [task.id, task]));
  const saved = [...due.map(({ task }) => task), ...done.map(({ visit }) => open.get(visit.task ?? ""))];
  return {
    day,
    due,
    later,
    done,
    all: due.length + over,
    left: due.length,
    minutes: due.reduce((sum, { task }) => sum + task.minutes, 0),
    saved: saved.reduce((sum, task) => sum + (task?.saved ?? 0), 0),
  };
}

const words = new Intl.Collator("zh-CN", { numeric: true });

/**
 * By where the person is, if they said so; else what ends first, then as the houses stand.
 * @param {Row[]} rows
 * @param {Position | null} from
 */
export function inOrder(rows, from) {
  if (from) {
    const far = new Map(rows.map((row) => [row, distance(from, row.place) ?? Number.POSITIVE_INFINITY]));
    return [...rows].sort((one, other) => Number(far.get(one)) - Number(far.get(other)) || window(one, other));
  }
  return [...rows].sort(window);
}

/** @param {Row} one @param {Row} other */
function window(one, other) {
  if (one.task.to_day !== other.task.to_day) return one.task.to_day < other.task.to_day ? -1 : 1;
  return words.compare(one.place.address, other.place.address) || words.compare(one.place.name, other.place.name);
}

/**
 * Metres between two points, null where one is not known.
 * @param {Position} from
 * @param {{latitude: number | null, longitude: number | null}} to
 */
export function distance(from, to) {
  if (to.latitude === null || to.longitude === null) return null;
  const rad = Math.PI / 180;
  const north = (to.latitude - from.latitude) * rad;
  const east = (to.longitude - from.longitude) * rad * Math.cos(((to.latitude + from.latitude) / 2) * rad);
  return Math.hypot(north, east) * EARTH;
}

/** 20 米, 350 米, 1.2 公里. @param {number | null} metres */
export function far(metres) {
  if (metres === null || !Number.isFinite(metres)) return "";
  if (metres < 1000) return `${Math.max(10, Math.round(metres / 10) * 10)} 米`;
  return `${(metres / 1000).toFixed(1)} 公里`;
}

/** 8 分钟, 1 小时 40 分. @param {number} minutes */
export function long(minutes) {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return hours ? `${hours} 小时${rest ? ` ${rest} 分` : ""}` : `${minutes} 分钟`;
}
