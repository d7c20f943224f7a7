/** The words of contacts, as server/households/visit.py has them. */

export const WAYS = { door: "上门", phone: "打电话", message: "发消息", passing: "路上遇到" };
export const OUTCOMES = { met: "见到了", nobody_home: "没人在家", not_now: "现在不方便" };
export const TOPICS = {
  daily: "日常生活",
  housing: "房子水电",
  neighbours: "邻里",
  safety: "用火用电",
  errands: "办事",
  policy: "政策通知",
  other: "其他",
};

/** When to look in again, as a member says it: days from today. @type {[string, number][]} */
export const NEXT = [
  ["一周后", 7],
  ["两周后", 14],
  ["下个月", 30],
];

/** @param {number} days @param {number} [now] @returns {string} a day in Beijing, YYYY-MM-DD */
export function inDays(days, now = Date.now()) {
  return new Date(now + 8 * 3_600_000 + days * 86_400_000).toISOString().slice(0, 10);
}

/** 12月3日. @param {string | null} day YYYY-MM-DD */
export function dayOf(day) {
  const [, month, date] = (day ?? "").split("-").map(Number);
  return month && date ? `${month}月${date}日` : "";
}
