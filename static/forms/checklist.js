// A checklist is a form whose items can fail: which have, and what is still to be done.
// server/forms/checklists.py says the same in Python; tests/forms/checklist_vectors.json runs against both.

import { answerTo, holds, isBlank, shown, problems as wrongAnswers } from "./questions.js";

/**
 * @typedef {import("./questions.js").Answers} Answers
 * @typedef {"note" | "fixed" | "rectify" | "case"} Outcome
 * @typedef {object} OfItem
 * @property {string} [demanded_by]
 * @property {string} [rule]
 * @property {import("./questions.js").Condition | null} [fails_if]
 * @property {string} [remedy]
 * @property {boolean} [photo_if_failed]
 * @property {string} [photo_reason]
 * @property {string} [position_reason]
 * @property {Outcome[]} [outcomes]
 * @property {number} [rectify_days]
 * @typedef {import("./questions.js").Question & OfItem} Item
 * @typedef {Record<string, readonly unknown[]>} Photos photos taken of failed items, by the item's id
 */

export { shown };

/**
 * What an item has that leaves these out.
 * @type {{ outcomes: Outcome[], rectify_days: number }}
 */
export const DEFAULTS = { outcomes: ["note", "fixed", "rectify", "case"], rectify_days: 7 };

/**
 * Ids of the items that are not as they should be, in the order of the checklist.
 * @param {Item[]} items
 * @param {Answers} answers
 * @returns {string[]}
 */
export function failed(items, answers) {
  const visible = shown(items, answers);
  return items.filter((item) => visible.has(item.id) && fails(item, answerTo(item, answers))).map((item) => item.id);
}

/**
 * For each item that is asked and not answered as it should be: what to do, in words.
 * @param {Item[]} items
 * @param {Answers} answers
 * @param {Photos} [photos]
 * @returns {Record<string, string>}
 */
export function problems(items, answers, photos = {}) {
  const found = wrongAnswers(items, answers);
  const names = new Set(failed(items, answers));
  for (const item of items) {
    const taken = Object.hasOwn(photos, item.id) ? photos[item.id] : [];
    const missing = names.has(item.id) && item.photo_if_failed && !taken.length;
    if (missing && !Object.hasOwn(found, item.id)) found[item.id] = `请拍照:${item.photo_reason ?? ""}`;
  }
  return found;
}

/**
 * @param {Item} item
 * @param {unknown} answer
 */
function fails(item, answer) {
  if (isBlank(answer)) return false;
  if (item.fails_if) return holds(item.fails_if, new Map([[item.id, answer]]));
  return item.kind === "check" && answer === "no";
}
