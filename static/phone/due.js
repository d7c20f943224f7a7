/** What is due today, from what lies on this phone; nothing of anybody. Pure. */
import { inDays } from "../households/words.js";

/** @typedef {import("../protocol.d.ts").Sections} Sections */

/**
 * In words, and where the first of it is; nobody's name or address. What was done here and is not sent yet counts as done.
 * @param {{round?: Sections["round"] | null, unit?: Sections["unit"] | null, households?: Sections["households"] | null}} kept
 * @param {{verb: string, data?: any}[]} unsent
 * @param {number} now milliseconds
 * @returns {{words: string, href: string} | null}
 */
export function due({ round, unit, households }, unsent, now) {
  const today = inDays(0, now);
  const done = new Set(unsent.flatMap(({ data }) => [data?.task, data?.household, data?.case, data?.number]));
  const tasks = (round?.tasks ?? []).filter(({ id, to_day }) => to_day <= today && !done.has(id)).length;
  const homes = (households ?? []).filter(
    ({ id, next_visit_on, care = [] }) =>
      !done.has(id) &&
      ((next_visit_on && next_visit_on <= today) ||
        care.some(({ mine, due_at }) => mine && inDays(0, Date.parse(due_at)) <= today)),
  ).length;
  const cases = (unit ?? []).filter(
    ({ number, due_at }) => due_at && inDays(0, Date.parse(due_at)) <= today && !done.has(number),
  ).length;
  const said = [
    { count: cases, words: `${cases} 件单子到期`, href: "/unit" },
    { count: tasks, words: `${tasks} 处要巡查`, href: "/round" },
    { count: homes, words: `${homes} 户要联系`, href: "/households" },
  ].filter(({ count }) => count);
  return said.length ? { words: said.map(({ words }) => words).join(","), href: said[0]?.href ?? "/" } : null;
}
