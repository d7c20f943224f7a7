/**
 * A visit while it is being made: what the draft keeps, what is asked, what is wrong, and the data of the verb `visit`. Pure.
 *
 * @typedef {import("../forms/checklist.js").Item} Item
 * @typedef {import("../forms/checklist.js").Outcome} Leads
 * @typedef {import("../protocol.d.ts").Visit} Visit
 * @typedef {import("../protocol.d.ts").RoundList} List
 * @typedef {Visit["outcome"]} Outcome
 * @typedef {{id: string, leads_to: Leads | "", words: string, due: string, photos: string[], after: string[], for_name: string,
 *   for_phone: string, for_agreed: boolean}} Found `photos` are those taken before anything was put right
 * @typedef {{id: string, outcome: Outcome, corrects: string | null, task: string | null, order: string | null, place: string | null,
 *   place_words: string, community_id: number | null, latitude: number | null, longitude: number | null,
 *   accuracy: number | null, note: string, answers: { [version: string]: { [item: string]: unknown } },
 *   found: { [key: string]: Found }, more: Found[]}} Record `answers` by version; `found` by `version.item`; `more`: what no item asks
 */
import { DEFAULTS, failed, problems } from "../forms/checklist.js";
import { clean } from "../forms/questions.js";

const DAY = 86_400_000;

/** @param {string} id @param {Partial<Record>} [of] @returns {Record} */
export function blank(id, of = {}) {
  const nowhere = { place_words: "", community_id: null, latitude: null, longitude: null, accuracy: null };
  const about = { corrects: null, task: null, order: null, place: null };
  return { id, outcome: "done", ...about, ...nowhere, note: "", answers: {}, found: {}, more: [], ...of };
}

/** @param {string} id @param {Leads | ""} leads_to @returns {Found} */
export function finding(id, leads_to = "") {
  return { id, leads_to, words: "", due: "", photos: [], after: [], for_name: "", for_phone: "", for_agreed: false };
}

/**
 * The items to be answered: all, or of a re-visit those that had failed, whatever hid them (server/patrols/judging.py).
 * @param {List} list
 * @param {readonly string[]} [only]
 * @returns {Item[]}
 */
export function itemsOf(list, only = []) {
  const items = /** @type {Item[]} */ (list.items);
  const again = items.filter(({ id }) => only.includes(id));
  return again.length ? again.map((item) => ({ ...item, shown_if: null, required: true })) : items;
}

/** What may become of an item that failed. @param {Item} item @returns {Leads[]} */
export function waysOf(item) {
  return item.outcomes ?? DEFAULTS.outcomes;
}

/** The day by which it is to be put right, where nobody says another. @param {Item} item @param {string} day */
export function dueOf(item, day) {
  return new Date(Date.parse(day) + (item.rectify_days ?? DEFAULTS.rectify_days) * DAY).toISOString().slice(0, 10);
}

/**
 * Every item that fails has its finding, and of what is answered well again none is left to be sent.
 * @param {Record} record
 * @param {List[]} lists
 * @param {readonly string[]} only
 * @param {() => string} newId
 */
export function follow(record, lists, only, newId) {
  for (const list of lists) {
    const items = itemsOf(list, only);
    for (const id of failed(items, record.answers[list.id] ?? {})) {
      const key = `${list.id}.${id}`;
      const ways = waysOf(/** @type {Item} */ (items.find((item) => item.id === id)));
      record.found[key] ??= finding(newId(), ways.length === 1 ? ways[0] : "");
    }
  }
}

/**
 * @param {Record} record
 * @param {List[]} lists
 * @param {readonly string[]} only
 * @returns {{data: Visit} | {wrong: { [name: string]: string }}} `wrong` by `version.item`, by the finding's id, or by field
 */
export function meaning(record, lists, only) {
  /** @type {{ [name: string]: string }} */
  const wrong = {};
  const done = record.outcome === "done";
  const told = [];
  for (const list of done ? lists : []) {
    const items = itemsOf(list, only);
    const answers = record.answers[list.id] ?? {};
    const bad = failed(items, answers);
    const found = Object.fromEntries(bad.map((id) => [id, record.found[`${list.id}.${id}`]]));
    const taken = Object.fromEntries(
      bad.map((id) => [id, [...(found[id]?.photos ?? []), ...(found[id]?.after ?? [])]]),
    );
    for (const [id, words] of Object.entries(problems(items, answers, taken))) wrong[`${list.id}.${id}`] = words;
    for (const id of bad) {
      if (!found[id]?.leads_to) wrong[`${list.id}.${id}`] ??= "请选一下接下来怎么办";
      else told.push(sent(found[id], { version: list.id, item: id }));
    }
  }
  for (const one of record.more) {
    if (!one.words.trim()) wrong[one.id] = "请写一句话,说说哪里不对";
    else if (!one.leads_to) wrong[one.id] = "请选一下接下来怎么办";
    else if (one.for_phone && !phoneLike(one.for_phone)) wrong[one.id] = "请填写对方的 11 位手机号码";
    else if (one.for_phone && !one.for_agreed) wrong[one.id] = "替居民上报,要先得到对方同意";
    told.push(sent(one));
  }
  if (!record.task && !record.place) wrongPlace(record, wrong);
  if (Object.keys(wrong).length) return { wrong };
  const { id, outcome, corrects, task, order, place, note } = record;
  const placed = !task && !place;
  return {
    data: {
      id,
      outcome,
      corrects,
      task,
      order,
      place,
      place_words: placed ? record.place_words.trim() : "",
      community_id: placed ? record.community_id : null,
      latitude: placed ? record.latitude : null,
      longitude: placed ? record.longitude : null,
      accuracy: placed ? record.accuracy : null,
      note: note.trim(),
      lists: (done ? lists : []).map((list) => ({
        version: list.id,
        answers: clean(itemsOf(list, only), record.answers[list.id] ?? {}),
      })),
      findings: told,
    },
  };
}

/** @param {Record} record @param {{ [name: string]: string }} wrong */
function wrongPlace(record, wrong) {
  if (!record.place_words.trim()) wrong.place_words = "请写一下在哪里,比如“幸福路 3 号门口”";
  if (record.latitude === null && record.community_id === null) wrong.where = "请用现在的位置,或者选一个社区";
  if (!record.more.length && !record.order) wrong.more = "请写一句话,说说哪里不对";
}

/** @param {Found} one @param {{version?: number | null, item?: string}} [of] */
function sent(one, { version = null, item = "" } = {}) {
  const { id, words, due, photos, after, for_name, for_phone, for_agreed } = one;
  const leads_to = /** @type {Leads} */ (one.leads_to);
  const fixed = leads_to === "fixed";
  const whom = leads_to === "case" && for_phone !== "";
  return {
    id,
    leads_to,
    version,
    item,
    words: words.trim(),
    due: leads_to === "rectify" && due ? due : null,
    photos: fixed ? [] : photos,
    before: fixed ? photos : [],
    after: fixed ? after : [],
    for_name: whom ? for_name.trim() : "",
    for_phone: whom ? for_phone : "",
    for_agreed: whom && for_agreed,
  };
}

/**
 * A sent record taken up again, as one that corrects it or, where it was refused, that stands in for it.
 * @param {Visit} visit
 * @param {string} id of the new record
 * @param {string | null} corrects then its findings are new ones too: those of the corrected record stay with it
 * @param {() => string} newId
 * @returns {Record}
 */
export function again(visit, id, corrects, newId) {
  const { outcome, task = null, order = null, place = null, note = "" } = visit;
  const { place_words = "", community_id = null, latitude = null, longitude = null, accuracy = null } = visit;
  const where = { place_words, community_id, latitude, longitude, accuracy };
  const record = blank(id, { outcome, corrects, task, order, place, note, ...where });
  for (const { version, answers = {} } of visit.lists ?? []) record.answers[version] = { ...answers };
  for (const one of visit.findings ?? []) {
    const { words = "", due, for_name = "", for_phone = "", for_agreed = false } = one;
    const photos = [...(one.photos ?? []), ...(one.before ?? [])];
    const told = { words, due: due ?? "", photos, after: [...(one.after ?? [])], for_name, for_phone, for_agreed };
    const found = { ...finding(corrects ? newId() : one.id, one.leads_to), ...told };
    if (one.version) record.found[`${one.version}.${one.item}`] = found;
    else record.more.push(found);
  }
  return record;
}

/** What is kept of a position that was asked for: where (to a tenth of a metre), or why it is not known. @param {Awaited<ReturnType<typeof import("./position.js").here>>} found */
export function positionOf(found) {
  if ("why" in found) return { missing: found.why };
  const { latitude, longitude, accuracy } = found;
  const exact = (/** @type {number} */ degrees) => Number(degrees.toFixed(6));
  return { latitude: exact(latitude), longitude: exact(longitude), accuracy: accuracy ?? null };
}

/** Every photo that a record names. @param {Record} record @returns {string[]} */
export function photosIn(record) {
  const found = [...Object.values(record.found), ...record.more];
  const answers = Object.values(record.answers).flatMap((one) => Object.values(one));
  return [...found.flatMap(({ photos, after }) => [...photos, ...after]), ...answers.filter(Array.isArray).flat()];
}

/** Roughly: only what can never be one. @param {string} text */
export function phoneLike(text) {
  return (text.normalize("NFKC").match(/\d/g) ?? []).length >= 11;
}
