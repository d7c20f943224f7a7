/** What a visit is about, from its path: which place, which checklists, which record it takes up again. */
import { newId } from "../clock.js";
import { thePhone } from "../phone/open.js";
import { placeBy as one } from "./code.js";
import { again, blank } from "./record.js";
import { placeOf } from "./rows.js";
import { todayOf } from "./today.js";

/**
 * @typedef {import("../protocol.d.ts").RoundList} List
 * @typedef {import("../protocol.d.ts").RoundPlace} Past
 * @typedef {import("./data.js").Data} Data
 * @typedef {{title: string, draft: string, record: import("./record.js").Record, place: import("./data.js").Place | null,
 *   past: Past | null, task: import("../protocol.d.ts").RoundTask | null, order: import("../protocol.d.ts").RoundOrder | null,
 *   rectification: import("../protocol.d.ts").RoundRectification | null, lists: List[], offered: boolean, only: string[],
 *   day: string, streets: any[], mends: string | null, words: string, wrong: { [name: string]: string }}} Subject
 *   `offered`: the lists are for choosing; `past`: what is known of earlier visits; `words`, `wrong`: why it was refused
 */

/**
 * @param {{kind: string, id: string}} what
 * @param {Data} data
 * @param {URLSearchParams} asked
 * @returns {Promise<Subject | {title: string, elsewhere: string} | null>} null where this phone knows nothing of it
 */
export async function subjectOf({ kind, id }, data, asked) {
  const { round, records } = data;
  if (!round) return null;
  const order = round.orders.find((one) => one.id === asked.get("order")) ?? null;
  const day = todayOf(round, [], Date.now()).day;
  const common = {
    order,
    day,
    streets: [],
    mends: null,
    words: "",
    wrong: {},
    task: null,
    rectification: null,
    only: [],
  };
  if (kind === "again") return takenUp(id, data, common);
  if (kind === "new") {
    const where = order ? { latitude: order.latitude, longitude: order.longitude } : {};
    const record = blank(newId(), { order: order?.id ?? null, ...where });
    const streets = (await thePhone().outbox.section("places"))?.streets ?? [];
    return {
      ...common,
      title: order ? "请马上去" : "记个问题",
      draft: `visit/new/${order?.id ?? ""}`,
      record,
      place: null,
      past: null,
      lists: [],
      offered: true,
      streets,
    };
  }
  if (kind === "task") {
    const told = records.find(({ visit }) => visit.task === id);
    const task = round.tasks.find((one) => one.id === id);
    if (told && (!task || told.state !== "received")) return { title: "", elsewhere: `/round/record/${told.id}` };
    return task ? ofTask(task, data, common) : null;
  }
  const place = await placeBy(id, data);
  if (!place) return null;
  const due = todayOf(round, records, Date.now()).due.find((row) => row.place.id === place.id);
  if (due) return ofTask(due.task, data, common);
  const record = blank(newId(), { place: place.id, order: order?.id ?? null });
  return {
    ...common,
    title: place.name,
    draft: `visit/place/${place.id}`,
    record,
    place,
    past: pastOf(place.id, data),
    lists: round.lists,
    offered: true,
  };
}

/** @param {import("../protocol.d.ts").RoundTask} task @param {Data} data @param {any} common @returns {Subject | null} */
function ofTask(task, data, common) {
  const { round } = data;
  const past = pastOf(task.place, data);
  if (!past || !round) return null;
  const lists = task.lists.flatMap((id) => round.lists.find((list) => list.id === id) ?? []);
  const record = blank(newId(), { task: task.id, place: task.place, order: common.order?.id ?? null });
  const rectification = round.rectifications.find(({ id }) => id === task.rectification) ?? null;
  return {
    ...common,
    title: past.name,
    draft: `visit/task/${task.id}`,
    record,
    place: past,
    past,
    task,
    rectification,
    lists,
    offered: false,
    only: task.only,
  };
}

/** A record of this phone: to be corrected, or mended where it was refused. @param {string} id @param {Data} data @param {any} common @returns {Subject | null} */
function takenUp(id, data, common) {
  const told = data.records.find((one) => one.id === id);
  if (!told) return null;
  const { visit, state } = told;
  const refused = state === "need" && !told.answer;
  const record = again(visit, refused ? id : newId(), refused ? null : id, newId);
  const known = [...(data.round?.lists ?? []), ...Object.values(data.kept.lists)];
  const lists = (visit.lists ?? []).flatMap(({ version }) => known.find((list) => list.id === version) ?? []);
  const task = data.round?.tasks.find((one) => one.id === visit.task) ?? null;
  const only = task?.only ?? onlyOf(visit, lists);
  const wrong = Object.fromEntries(
    Object.entries(told.fields).map(([name, words]) => [name.replace(/^(lists|findings)\./, ""), words]),
  );
  const place = placeOf(visit.place, data);
  const more = refused
    ? { record: { ...record, corrects: visit.corrects ?? null }, mends: told.command, words: told.words, wrong }
    : { record };
  return {
    ...common,
    ...more,
    title: refused ? "改一改再发" : "更正",
    draft: `visit/again/${id}`,
    place,
    past: pastOf(visit.place ?? "", data),
    task,
    lists,
    offered: false,
    only,
  };
}

/** Of a re-visit whose task is gone from the phone: what was asked then. @param {import("../protocol.d.ts").Visit} visit @param {List[]} lists */
function onlyOf(visit, lists) {
  const answered = (visit.lists ?? []).flatMap(({ answers }) => Object.keys(answers ?? {}));
  const items = /** @type {any[]} */ (lists.flatMap((list) => list.items));
  const required = items.filter((item) => item.required && !item.shown_if);
  return required.some(({ id }) => !answered.includes(id)) ? answered : [];
}

/** @param {string} id @param {Data} data */
function pastOf(id, { round }) {
  return round?.places.find((place) => place.id === id) ?? null;
}

/** By id or by the code of its label: one of the round, else of the own grids. @param {string} asked @param {Data} data @returns {Promise<import("./data.js").Place | null>} */
export async function placeBy(asked, { round }) {
  return one(asked, round?.places) ?? one(asked, await thePhone().outbox.section("grid_places"));
}
